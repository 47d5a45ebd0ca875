import { judgeStarts } from '@labelfleet/contracts';
import type { Attempt } from '@labelfleet/worker/protocol';
import type { Step } from '../explore.ts';
import {
  added,
  CLASSIFIED,
  conclude,
  GONE,
  MUCH_LATER,
  NOW,
  recordOf,
  removed,
  requestOf,
} from './product.ts';
import {
  change,
  deleteMessage,
  replaced,
  reply,
  setMessage,
  spend,
  store,
  type RequestBounds,
  type RequestFault,
  type RequestState,
  type Worker,
} from './state.ts';

type Add = (label: string, to: RequestState, fault?: boolean) => void;

/** What each worker that holds the request may do next, and what may befall it (P2 to P6). */
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

/** A worker in its state, and the changes that several steps share. */
class Held {
  readonly state: RequestState;
  readonly worker: Worker;
  readonly #index: number;

  constructor(state: RequestState, worker: Worker, index: number) {
    this.state = state;
    this.worker = worker;
    this.#index = index;
  }

  become(changes: Partial<Worker>, from = this.state): RequestState {
    const worker = { ...this.worker, ...changes };
    return change(from, { workers: replaced(from.workers, this.#index, worker) });
  }

  /** It forgets the request; its message is visible again, where it is still this worker's. */
  leave(from = this.state): RequestState {
    const { message, lapsed, nonce } = this.worker;
    const workers = from.workers.filter((_, index) => index !== this.#index);
    const held = !lapsed && from.messages[message]?.at === 'flight';
    // Nobody will ask for its start again: all starts of those who are gone are alike.
    const record = from.record.map((each) => (each === nonce ? GONE : each)).sort();
    const left = change(from, { workers, record });
    return held ? setMessage(left, message, { at: 'queue' }) : left;
  }

  /** Its start ended because the worker was killed or failed. What lapsed while it worked was counted then. */
  fail(from = this.state): RequestState {
    const { nonce, lapsed, at } = this.worker;
    const counts = nonce !== '' && (!lapsed || at === 'recorded');
    return counts ? change(from, { failed: from.failed + 1 }) : from;
  }

  /** An attempt has ended: its result is stored, or the message let go, with or without the start on record. */
  end(attempt: Attempt, { without }: RequestBounds, from = this.state): RequestState {
    const { answer, withdraws } = conclude(attempt, from);
    if (answer !== undefined) {
      const stored = store(from, answer, without);
      return this.become({ at: 'stored', value: stored.result }, stored);
    }
    const { nonce, lapsed, at } = this.worker;
    if (nonce === '' || !withdraws || without === 'givenBackIsNoAttempt') return this.leave(from);
    const record = removed(from.record, nonce);
    const failed = from.failed - (lapsed && at !== 'recorded' ? 1 : 0);
    return this.leave(change(from, { record, failed }));
  }

  newNonce(): string {
    const used = new Set(this.state.workers.map(({ nonce }) => nonce));
    let number = 1;
    while (used.has(`n${number}`)) number += 1;
    return `n${number}`;
  }

  start(): RequestState {
    const { state, worker } = this;
    const started = this.become({ at: 'working' }, change(state, { starts: state.starts + 1 }));
    if (worker.late) return change(started, { wrong: 'started again after its result was stored' });
    // A first receive does not look, and its start is the free one.
    if (worker.second && state.result === 'attempts-exhausted') {
      return change(started, { wrong: 'started after it was given up' });
    }
    return started;
  }
}

function regularSteps(held: Held, bounds: RequestBounds, add: Add): void {
  const { state, worker } = held;
  const { without, image } = bounds;
  switch (worker.at) {
    case 'got':
      if (worker.lapsed && without !== 'noStartAfterLapse') {
        add('lets go: its visibility has lapsed', held.end({ kind: 'lapsed' }, bounds));
      } else takeUp(held, bounds, add);
      break;
    case 'read': {
      const nonce = held.newNonce();
      const record = added(worker.read, nonce);
      add(
        `writes start ${record.length} into the record`,
        held.become({ at: 'recorded', nonce, read: [] }, change(state, { record })),
      );
      break;
    }
    case 'recorded':
      if (worker.lapsed && without !== 'noStartAfterLapse') {
        add('lets go: its visibility has lapsed', held.end({ kind: 'lapsed' }, bounds));
      } else add('starts', held.start());
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

/** What becomes of a message that was just received. */
function takeUp(held: Held, bounds: RequestBounds, add: Add): void {
  const { state, worker } = held;
  const { without } = bounds;
  if (worker.second && state.result !== '' && without !== 'lookFirst') {
    add('finds the result', held.become({ at: 'stored', value: state.result }));
    return;
  }
  if (worker.second && without !== 'recordStarts') {
    const now = without === 'waitForLastStart' ? MUCH_LATER : NOW;
    const verdict = judgeStarts(recordOf(state), now);
    if (verdict.kind === 'exhausted') {
      add('finds the starts used up', held.end(verdict, bounds));
      return;
    }
    if (verdict.kind === 'too-early') {
      add('hands back: the last start may still bring an answer', held.end(verdict, bounds));
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
    if (without === 'missingImageIsTerminal') add('hands back: no image', held.leave());
    else add('finds that the image is missing', held.end({ kind: 'image-missing' }, bounds));
    return;
  }
  if (without === 'storeBeforeDelete') {
    add('deletes its message and starts', deleteMessage(held.start(), worker.message));
    return;
  }
  if (worker.second && without !== 'recordStarts') recordStart(held, bounds, add);
  else add('starts', held.start());
}

function recordStart(held: Held, { without }: RequestBounds, add: Add): void {
  const { state } = held;
  if (without === 'compareAndSet') {
    const read = state.record;
    add(`reads ${read.length} starts`, held.become({ at: 'read', read }));
    return;
  }
  const nonce = held.newNonce();
  const record = added(state.record, nonce);
  const recorded = { at: 'recorded', nonce } as const;
  add(`records start ${record.length}`, held.become(recorded, change(state, { record })));
  const spent = spend(state, 'recordRepliesLost');
  if (spent === undefined) return;
  const again = added(record, without === 'nonce' ? 'twin' : nonce);
  add(
    `records start ${record.length}; the reply is lost, it writes again`,
    held.become(recorded, change(spent, { record: again })),
    true,
  );
}

function faultSteps(held: Held, bounds: RequestBounds, add: Add): void {
  const { state, worker } = held;
  const { without } = bounds;
  const fault = (name: RequestFault, label: string, to: (spent: RequestState) => RequestState) => {
    const spent = spend(state, name);
    if (spent !== undefined) add(label, to(spent), true);
  };
  const isHeld = !worker.lapsed && state.messages[worker.message]?.at === 'flight';
  const lapse = (from: RequestState) =>
    setMessage(held.become({ lapsed: true }, from), worker.message, { at: 'queue' });
  // What has not started yet will find that it has lapsed.
  const failing = (from: RequestState) => (worker.at === 'recorded' ? from : held.fail(from));
  const started = worker.at === 'working' || worker.at === 'labelled';

  fault('kills', `is killed (${worker.at})`, (spent) => held.leave(held.fail(spent)));
  if (isHeld) {
    fault('lapses', `is slow: its visibility lapses (${worker.at})`, (spent) =>
      lapse(failing(spent)),
    );
    if (without === 'keepInvisible' && worker.at === 'working') {
      add('works for longer than its visibility lasts', lapse(state), true);
    }
  }
  if (worker.at === 'stored') {
    fault('repliesLost', 'replies; the reply is lost', (spent) =>
      held.become({ at: 'replied' }, spent),
    );
  }
  if (started && (!worker.second || without === 'alone')) {
    fault('neighbourDeaths', 'dies of another image', (spent) => held.leave(spent));
  }
  if (worker.at === 'got') {
    fault('handBacks', 'hands back unstarted', (spent) => held.leave(spent));
  }
  if (worker.at === 'labelled' && without === 'outageIsNoAttempt') {
    fault('outages', 'hands back: the store cannot be reached', (spent) => held.leave(spent));
  }
  if (started) {
    fault('drainDeadlines', 'gives its start back at the drain deadline', (spent) =>
      held.end({ kind: 'interrupted' }, bounds, change(spent, { starts: spent.starts - 1 })),
    );
  }
}
