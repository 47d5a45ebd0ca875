import { judgeAttempts } from '@labelfleet/contracts';
import type { Step } from '../explore.ts';
import { Held, type Add } from './held.ts';
import { faultSteps } from './worker-faults.ts';
import { added, CLASSIFIED, MUCH_LATER, NOW, recordOf, requestOf } from './product.ts';
import {
  change,
  deleteMessage,
  reply,
  spend,
  type RequestBounds,
  type RequestState,
} from './state.ts';

/** The next steps and faults of each worker that holds the request (P2 to P6). */
export function workerSteps(state: RequestState, bounds: RequestBounds): Step<RequestState>[] {
  const steps: Step<RequestState>[] = [];
  state.workers.forEach((worker, index) => {
    const receives = state.messages[worker.message]?.receives ?? 0;
    const name = `worker ${index + 1} (receive ${receives}${worker.lapsed ? ', lapsed' : ''})`;
    const add: Add = (label, to, fault = false) =>
      steps.push({ label: `${name} ${label}`, to, fault });
    const held = new Held(state, worker, index);
    regularSteps(held, bounds, add);
    faultSteps(held, bounds, add);
  });
  return steps;
}

function regularSteps(held: Held, bounds: RequestBounds, add: Add): void {
  const { state, worker } = held;
  const { without, image } = bounds;
  switch (worker.at) {
    case 'got':
      if (worker.lapsed && without !== 'noAttemptAfterLapse') {
        add('drops the request: its visibility has lapsed', held.end({ kind: 'lapsed' }, bounds));
      } else takeUp(held, bounds, add);
      break;
    case 'read': {
      const nonce = held.newNonce();
      const record = added(worker.read, nonce);
      add(
        `writes attempt ${record.length} into the record`,
        held.become({ at: 'recorded', nonce, read: [] }, change(state, { record })),
      );
      break;
    }
    case 'recorded':
      if (worker.lapsed && without !== 'noAttemptAfterLapse') {
        add('drops the request: its visibility has lapsed', held.end({ kind: 'lapsed' }, bounds));
      } else add('starts an attempt', held.attempt());
      break;
    case 'working':
      if (image === 'good') add('has a label', held.become({ at: 'labelled' }));
      if (image === 'deadly') add('dies of the image', held.leave(held.fail()));
      if (image === 'hanging' && without !== 'cutHungInference') {
        const failed = held.end({ kind: 'failed', error: 'hung' }, bounds, held.fail());
        add('cuts the inference, which hangs', failed);
      }
      break;
    case 'labelled':
      if (without === 'storeBeforeReply') {
        add('replies label', held.become({ at: 'replied' }, reply(state, 'label')));
      } else add('stores label', held.end(CLASSIFIED, bounds));
      break;
    case 'stored':
      if (worker.value !== '') {
        add(`replies ${worker.value}`, held.become({ at: 'replied' }, reply(state, worker.value)));
      }
      break;
    case 'replied':
      add(
        worker.lapsed ? 'ends; its message is no longer its own' : 'deletes its message',
        held.leave(worker.lapsed ? state : deleteMessage(state, worker.message)),
      );
  }
}

/** The steps after a receive. */
function takeUp(held: Held, bounds: RequestBounds, add: Add): void {
  const { state, worker } = held;
  const { without } = bounds;
  if (worker.second && state.result !== '' && without !== 'lookFirst') {
    add('finds the result', held.become({ at: 'stored', value: state.result }));
    return;
  }
  if (worker.second && without !== 'recordAttempts') {
    const now = without === 'waitForLastAttempt' ? MUCH_LATER : NOW;
    const verdict = judgeAttempts(recordOf(state), now);
    if (verdict.kind === 'exhausted') {
      add('finds the attempts exhausted', held.end(verdict, bounds));
      return;
    }
    if (verdict.kind === 'too-early') {
      add('releases the message: the last attempt may still succeed', held.end(verdict, bounds));
      return;
    }
  }
  if (state.deadlinePassed) {
    const { deadlineAt = '' } = requestOf(state);
    add(
      'finds that the deadline passed',
      held.end({ kind: 'deadline-passed', deadlineAt }, bounds),
    );
    return;
  }
  if (state.image !== 'stored') {
    if (without === 'missingImageIsTerminal') add('releases the message: no image', held.leave());
    else add('finds that the image is missing', held.end({ kind: 'image-missing' }, bounds));
    return;
  }
  if (without === 'storeBeforeDelete') {
    add('deletes its message and starts an attempt', deleteMessage(held.attempt(), worker.message));
    return;
  }
  if (worker.second && without !== 'recordAttempts') recordAttempt(held, bounds, add);
  else add('starts an attempt', held.attempt());
}

function recordAttempt(held: Held, { without }: RequestBounds, add: Add): void {
  const { state } = held;
  if (without === 'compareAndSet') {
    const read = state.record;
    add(`reads ${read.length} attempts`, held.become({ at: 'read', read }));
    return;
  }
  const nonce = held.newNonce();
  const record = added(state.record, nonce);
  const recorded = { at: 'recorded', nonce } as const;
  add(`records attempt ${record.length}`, held.become(recorded, change(state, { record })));
  const spent = spend(state, 'recordRepliesLost');
  if (spent === undefined) return;
  const again = added(record, without === 'nonce' ? 'twin' : nonce);
  add(
    `records attempt ${record.length}; the reply is lost, it writes again`,
    held.become(recorded, change(spent, { record: again })),
    true,
  );
}
