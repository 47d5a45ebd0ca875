import { failedResult } from '@labelfleet/contracts';
import { judgeDeadLetter, type DeadLetterVerdict } from '@labelfleet/scaler/protocol';
import type { Step } from '../explore.ts';
import { answerOf, MUCH_LATER, NOW, recordOf, requestOf } from './product.ts';
import type { RequestRule } from './rules.ts';
import {
  change,
  deleteMessage,
  reply,
  send,
  setMessage,
  spend,
  store,
  type Answer,
  type Message,
  type RequestBounds,
  type RequestFault,
  type RequestState,
  type Worker,
} from './state.ts';

/** The next steps of the request queue for each message, and of the dead-letter watch (P8). */
export function queueSteps(state: RequestState, bounds: RequestBounds): Step<RequestState>[] {
  // Only one at a time, so that resent messages cannot grow without bound.
  const busyWithAnother = (index: number) =>
    state.messages.some(({ at }, other) => at === 'sent-again' && other !== index);
  const steps = state.messages.flatMap((message, index) => {
    const name = `message ${index + 1}`;
    const deadLetter = () => deadLetterSteps(state, index, `the watch: ${name}`, bounds);
    switch (message.at) {
      case 'queue':
        return [
          ...deliverySteps(state, message, index, name, bounds),
          ...lateSteps(state, message, index, name),
        ];
      case 'flight':
        return [
          ...duplicateSteps(state, message, index, name, bounds),
          ...lateSteps(state, message, index, name),
        ];
      case 'hidden':
        return [
          { label: `${name} is visible again`, to: setMessage(state, index, { at: 'queue' }) },
        ];
      case 'dead':
      case 'sent-again':
        return bounds.without === 'deadLetterWatch' || busyWithAnother(index) ? [] : deadLetter();
      case 'gone':
        return [];
    }
  });
  if (!state.watchOwesSend) return steps;
  const rest = change(state, { watchOwesSend: false });
  steps.push({ label: 'the watch sends what it deleted', to: send(rest, true) });
  const crashed = spend(rest, 'watchCrashes');
  if (crashed !== undefined) {
    steps.push({ label: 'the watch is killed before it sends', to: crashed, fault: true });
  }
  return steps;
}

function receive(state: RequestState, message: Message, index: number): RequestState {
  const receives = message.receives + 1;
  const second = receives > 1 || message.resent;
  const worker: Worker = {
    at: 'got',
    message: index,
    second,
    lapsed: false,
    nonce: '',
    read: [],
    late: second && state.result !== '',
    value: '',
  };
  return change(setMessage(state, index, { at: 'flight', receives }), {
    workers: [...state.workers, worker],
  });
}

function deliverySteps(
  state: RequestState,
  message: Message,
  index: number,
  name: string,
  bounds: RequestBounds,
): Step<RequestState>[] {
  const receives = message.receives + 1;
  if (receives > bounds.mostReceives) {
    return [
      { label: `${name} becomes a dead letter`, to: setMessage(state, index, { at: 'dead' }) },
    ];
  }
  const steps: Step<RequestState>[] = [];
  if (state.workers.length < bounds.workers) {
    const label = `a worker receives ${name} (receive ${receives})`;
    steps.push({ label, to: receive(state, message, index) });
  }
  const lost = spend(state, 'receivesLost');
  if (lost !== undefined) {
    const to = setMessage(lost, index, { receives });
    steps.push({ label: `receive ${receives} of ${name} is cut`, to, fault: true });
  }
  return steps;
}

function duplicateSteps(
  state: RequestState,
  message: Message,
  index: number,
  name: string,
  bounds: RequestBounds,
): Step<RequestState>[] {
  const spent = spend(state, 'duplicates');
  if (spent === undefined || state.workers.length >= bounds.workers) return [];
  if (message.receives >= bounds.mostReceives) return [];
  const label = `${name} is delivered twice (receive ${message.receives + 1})`;
  return [{ label, to: receive(spent, message, index), fault: true }];
}

/**
 * Late calls after the visibility of their receive has lapsed: a standard queue accepts them, even if another worker
 * has the message by then. Their senders may be dead.
 */
function lateSteps(
  state: RequestState,
  message: Message,
  index: number,
  name: string,
): Step<RequestState>[] {
  const steps: Step<RequestState>[] = [];
  const late = (
    fault: RequestFault,
    what: string,
    changed: (spent: RequestState) => RequestState,
  ) => {
    const spent = spend(state, fault);
    if (spent !== undefined) {
      steps.push({ label: `a late call ${what} ${name}`, to: changed(spent), fault: true });
    }
  };
  const isFree = message.at === 'queue' && message.receives > 0;
  const isAnothers = message.at === 'flight' && message.receives > 1;
  if (isFree)
    late('lateExtensions', 'hides', (spent) => setMessage(spent, index, { at: 'hidden' }));
  if (isAnothers)
    late('lateReleases', 'makes visible', (spent) => setMessage(spent, index, { at: 'queue' }));
  // No worker sends a delete before the result is stored (P3).
  if ((isFree || isAnothers) && state.result !== '') {
    late('lateDeletes', 'deletes', (spent) => deleteMessage(spent, index));
  }
  return steps;
}

function deadLetterSteps(
  state: RequestState,
  index: number,
  name: string,
  { without }: RequestBounds,
): Step<RequestState>[] {
  const gone = (from: RequestState) => deleteMessage(from, index);
  if (state.messages[index]?.at === 'sent-again') {
    const crashed = spend(state, 'watchCrashes');
    return [
      { label: `${name} is deleted`, to: gone(state) },
      ...(crashed === undefined
        ? []
        : [
            {
              label: `${name}: killed between send and delete`,
              to: setMessage(crashed, index, { at: 'dead' }),
              fault: true,
            },
          ]),
    ];
  }
  const answered = (value: Answer): Step<RequestState>[] => {
    const stored = store(state, value, without);
    return stored.result === ''
      ? []
      : [{ label: `${name} is answered ${stored.result}`, to: gone(reply(stored, stored.result)) }];
  };
  const verdict = judge(state, without);
  switch (verdict.kind) {
    case 'already-completed':
      return state.result === ''
        ? []
        : [{ label: `${name} has its result replied`, to: gone(reply(state, state.result)) }];
    case 'wait':
      return [];
    case 'complete':
      return answered(answerOf(verdict.result));
    case 'resend':
      if (without === 'resendWithAttemptsLeft') return answered('attempts-exhausted');
  }
  if (without === 'sendBeforeDelete') {
    const label = `${name} is deleted, to be sent again`;
    return [{ label, to: change(gone(state), { watchOwesSend: true }) }];
  }
  const to = setMessage(send(state, without !== 'markResent'), index, { at: 'sent-again' });
  return [{ label: `${name} is sent again`, to }];
}

/** The verdict of the watch on a dead letter, and of the sweep on a request without a message. */
export function judge(state: RequestState, without: RequestRule | undefined): DeadLetterVerdict {
  const request = requestOf(state);
  const settled = { now: NOW, attempts: 1 };
  return judgeDeadLetter(
    {
      request,
      result:
        state.result === ''
          ? undefined
          : failedResult(request, { code: 'invalid-image', detail: '' }, settled),
      record: recordOf(state),
      imageExists: state.image === 'stored' || without === 'missingImageIsTerminal',
    },
    without === 'waitForLastAttempt' ? MUCH_LATER : NOW,
  );
}
