import { judgeAttempts } from '@labelfleet/contracts';
import { Held } from './held.ts';
import { added, CLASSIFIED, MUCH_LATER, NOW, recordOf, requestOf } from './product.ts';
import { change, deleteMessage, reply, type RequestBounds, type RequestSteps } from './state.ts';
import { faultSteps } from './worker-faults.ts';

/** The next steps and faults of each worker that holds the request (P2 to P6). */
export function workerSteps(steps: RequestSteps, bounds: RequestBounds): void {
  const { workers, messages } = steps.state;
  workers.forEach((worker, index) => {
    const receives = messages[worker.message]?.receives ?? 0;
    const name = `worker ${index + 1} (receive ${receives}${worker.lapsed ? ', lapsed' : ''})`;
    const held = new Held(steps.of(name), worker, index, bounds);
    regularSteps(held);
    faultSteps(held);
  });
}

function regularSteps(held: Held): void {
  const { steps, state, worker } = held;
  const { without, image } = held.bounds;
  const drops = worker.lapsed && without !== 'noAttemptAfterLapse';
  switch (worker.at) {
    case 'got':
      if (drops)
        steps.add('drops the request: its visibility has lapsed', held.end({ kind: 'lapsed' }));
      else takeUp(held);
      break;
    case 'read': {
      const nonce = held.newNonce();
      const record = added(worker.read, nonce);
      const recorded = { at: 'recorded', nonce, read: [] } as const;
      const label = `writes attempt ${record.length} into the record`;
      steps.add(label, held.become(recorded, change(state, { record })));
      break;
    }
    case 'recorded':
      if (drops)
        steps.add('drops the request: its visibility has lapsed', held.end({ kind: 'lapsed' }));
      else steps.add('starts an attempt', held.attempt());
      break;
    case 'working':
      if (image === 'good') steps.add('has a label', held.become({ at: 'labelled' }));
      if (image === 'deadly') steps.add('dies of the image', held.leave(held.fail()));
      if (image === 'hanging' && without !== 'cutHungInference') {
        const failed = held.end({ kind: 'failed', error: 'hung' }, held.fail());
        steps.add('cuts the inference, which hangs', failed);
      }
      break;
    case 'labelled':
      if (without === 'storeBeforeReply')
        steps.add('replies label', held.become({ at: 'replied' }, reply(state, 'label')));
      else steps.add('stores label', held.end(CLASSIFIED));
      break;
    case 'stored':
      if (worker.value !== '') {
        const replied = held.become({ at: 'replied' }, reply(state, worker.value));
        steps.add(`replies ${worker.value}`, replied);
      }
      break;
    case 'replied':
      if (worker.lapsed) steps.add('ends; its message is no longer its own', held.leave());
      else steps.add('deletes its message', held.leave(deleteMessage(state, worker.message)));
  }
}

/** The steps after a receive. */
function takeUp(held: Held): void {
  const { steps, state, worker } = held;
  const { without } = held.bounds;
  if (worker.second && state.result !== '' && without !== 'lookFirst') {
    steps.add('finds the result', held.become({ at: 'stored', value: state.result }));
    return;
  }
  const recordsAttempts = worker.second && without !== 'recordAttempts';
  const now = without === 'waitForLastAttempt' ? MUCH_LATER : NOW;
  const verdict = recordsAttempts ? judgeAttempts(recordOf(state), now) : undefined;
  if (verdict?.kind === 'exhausted') steps.add('finds the attempts exhausted', held.end(verdict));
  else if (verdict?.kind === 'too-early')
    steps.add('releases the message: the last attempt may still succeed', held.end(verdict));
  else if (state.deadlinePassed) {
    const { deadlineAt = '' } = requestOf(state);
    steps.add('finds that the deadline passed', held.end({ kind: 'deadline-passed', deadlineAt }));
  } else if (state.image !== 'stored') {
    if (without === 'missingImageIsTerminal')
      steps.add('releases the message: no image', held.leave());
    else steps.add('finds that the image is missing', held.end({ kind: 'image-missing' }));
  } else if (without === 'storeBeforeDelete') {
    const deleted = deleteMessage(held.attempt(), worker.message);
    steps.add('deletes its message and starts an attempt', deleted);
  } else if (recordsAttempts) recordAttempt(held);
  else steps.add('starts an attempt', held.attempt());
}

function recordAttempt(held: Held): void {
  const { steps, state } = held;
  const { without } = held.bounds;
  if (without === 'compareAndSet') {
    const read = state.record;
    steps.add(`reads ${read.length} attempts`, held.become({ at: 'read', read }));
    return;
  }
  const nonce = held.newNonce();
  const record = added(state.record, nonce);
  const recorded = { at: 'recorded', nonce } as const;
  const label = `records attempt ${record.length}`;
  steps.add(label, held.become(recorded, change(state, { record })));
  const again = added(record, without === 'nonce' ? 'twin' : nonce);
  steps.fault('recordRepliesLost', `${label}; the reply is lost, it writes again`, (spent) =>
    held.become(recorded, change(spent, { record: again })),
  );
}
