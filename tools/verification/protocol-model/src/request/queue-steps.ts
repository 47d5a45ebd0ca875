import { failedResult } from '@labelfleet/contracts';
import { judgeDeadLetter, type DeadLetterVerdict } from '@labelfleet/scaler/protocol';
import { answerOf, MUCH_LATER, NOW, recordOf, requestOf } from './product.ts';
import type { RequestRule } from './rules.ts';
import {
  change,
  deleteMessage,
  reply,
  send,
  setMessage,
  store,
  type Answer,
  type Message,
  type RequestBounds,
  type RequestState,
  type RequestSteps,
  type Worker,
} from './state.ts';

/** A message and its number. */
interface Numbered {
  message: Message;
  index: number;
  name: string;
}

/** The next steps of the request queue for each message, and of the dead-letter watch (P8). */
export function queueSteps(steps: RequestSteps, bounds: RequestBounds): void {
  const { state } = steps;
  state.messages.forEach((message, index) => {
    const numbered = { message, index, name: `message ${index + 1}` };
    // Only one at a time, so that resent messages cannot grow without bound.
    const busyWithAnother = state.messages.some(
      ({ at }, other) => at === 'sent-again' && other !== index,
    );
    switch (message.at) {
      case 'queue':
        deliverySteps(steps, numbered, bounds);
        lateSteps(steps, numbered);
        break;
      case 'flight':
        duplicateSteps(steps, numbered, bounds);
        lateSteps(steps, numbered);
        break;
      case 'hidden':
        steps.add(`${numbered.name} is visible again`, setMessage(state, index, { at: 'queue' }));
        break;
      case 'dead':
      case 'sent-again':
        if (bounds.without !== 'deadLetterWatch' && !busyWithAnother)
          deadLetterSteps(steps, numbered, bounds);
        break;
      case 'gone':
    }
  });
  if (!state.watchOwesSend) return;
  const rest = (from: RequestState) => change(from, { watchOwesSend: false });
  steps.add('the watch sends what it deleted', send(rest(state), true));
  steps.fault('watchCrashes', 'the watch is killed before it sends', rest);
}

function receive(state: RequestState, { message, index }: Numbered): RequestState {
  const receives = message.receives + 1;
  const second = receives > 1 || message.resent;
  const worker: Worker = {
    at: 'got',
    message: index,
    second,
    lapsed: false,
    nonce: '',
    read: [],
    value: '',
    late: second && state.result !== '',
  };
  return change(setMessage(state, index, { at: 'flight', receives }), {
    workers: [...state.workers, worker],
  });
}

function deliverySteps(steps: RequestSteps, numbered: Numbered, bounds: RequestBounds): void {
  const { state } = steps;
  const { message, index, name } = numbered;
  const receives = message.receives + 1;
  if (receives > bounds.mostReceives) {
    steps.add(`${name} becomes a dead letter`, setMessage(state, index, { at: 'dead' }));
    return;
  }
  if (state.workers.length < bounds.workers)
    steps.add(`a worker receives ${name} (receive ${receives})`, receive(state, numbered));
  steps.fault('receivesLost', `receive ${receives} of ${name} is cut`, (spent) =>
    setMessage(spent, index, { receives }),
  );
}

function duplicateSteps(steps: RequestSteps, numbered: Numbered, bounds: RequestBounds): void {
  const { receives } = numbered.message;
  if (steps.state.workers.length >= bounds.workers || receives >= bounds.mostReceives) return;
  const label = `${numbered.name} is delivered twice (receive ${receives + 1})`;
  steps.fault('duplicates', label, (spent) => receive(spent, numbered));
}

/**
 * Late calls after the visibility of their receive has lapsed: a standard queue accepts them, even if another worker
 * has the message by then. Their senders may be dead.
 */
function lateSteps(steps: RequestSteps, { message, index, name }: Numbered): void {
  const isFree = message.at === 'queue' && message.receives > 0;
  const isAnothers = message.at === 'flight' && message.receives > 1;
  if (isFree)
    steps.fault('lateExtensions', `a late call hides ${name}`, (spent) =>
      setMessage(spent, index, { at: 'hidden' }),
    );
  if (isAnothers)
    steps.fault('lateReleases', `a late call makes visible ${name}`, (spent) =>
      setMessage(spent, index, { at: 'queue' }),
    );
  // No worker sends a delete before the result is stored (P3).
  if ((isFree || isAnothers) && steps.state.result !== '')
    steps.fault('lateDeletes', `a late call deletes ${name}`, (spent) =>
      deleteMessage(spent, index),
    );
}

function deadLetterSteps(
  steps: RequestSteps,
  { message, index, name }: Numbered,
  { without }: RequestBounds,
): void {
  const { state } = steps;
  const watch = steps.of(`the watch: ${name}`);
  const gone = (from: RequestState) => deleteMessage(from, index);
  const answer = (value: Answer) => {
    const stored = store(state, value, without);
    if (stored.result !== '')
      watch.add(`is answered ${stored.result}`, gone(reply(stored, stored.result)));
  };
  if (message.at === 'sent-again') {
    watch.add('is deleted', gone(state));
    const label = `the watch: ${name}: killed between send and delete`;
    steps.fault('watchCrashes', label, (spent) => setMessage(spent, index, { at: 'dead' }));
    return;
  }
  const verdict = judge(state, without);
  switch (verdict.kind) {
    case 'already-completed':
      if (state.result !== '')
        watch.add('has its result replied', gone(reply(state, state.result)));
      break;
    case 'complete':
      answer(answerOf(verdict.result));
      break;
    case 'resend':
      if (without === 'resendWithAttemptsLeft') answer('attempts-exhausted');
      else if (without === 'sendBeforeDelete')
        watch.add('is deleted, to be sent again', change(gone(state), { watchOwesSend: true }));
      else {
        const sent = send(state, without !== 'markResent');
        watch.add('is sent again', setMessage(sent, index, { at: 'sent-again' }));
      }
      break;
    case 'wait':
  }
}

/** The verdict of the watch on a dead letter, and of the sweep on a request without a message. */
export function judge(state: RequestState, without: RequestRule | undefined): DeadLetterVerdict {
  const request = requestOf(state);
  const some = failedResult(
    request,
    { code: 'invalid-image', detail: '' },
    { now: NOW, attempts: 1 },
  );
  return judgeDeadLetter(
    {
      request,
      result: state.result === '' ? undefined : some,
      record: recordOf(state),
      imageExists: state.image === 'stored' || without === 'missingImageIsTerminal',
    },
    without === 'waitForLastAttempt' ? MUCH_LATER : NOW,
  );
}
