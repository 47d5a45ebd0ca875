import type { Step } from '../explore.ts';
import {
  change,
  deleteMessage,
  judgeStarts,
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
    const { message, lapsed } = this.worker;
    const workers = from.workers.filter((_, index) => index !== this.#index);
    const held = !lapsed && from.messages[message]?.at === 'flight';
    const left = change(from, { workers });
    return held ? setMessage(left, message, { at: 'queue' }) : left;
  }

  /** Its start ended because the worker was killed or failed. What lapsed was counted then. */
  fail(from = this.state): RequestState {
    const { recorded, lapsed } = this.worker;
    return recorded && !lapsed ? change(from, { failed: from.failed + 1 }) : from;
  }

  /** Stores a terminal result and holds what then stands. */
  settle(value: Parameters<typeof store>[1], { without }: RequestBounds): RequestState {
    const stored = store(this.state, value, without);
    return this.become({ at: 'stored', value: stored.result }, stored);
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
        add('lets go: its visibility has lapsed', held.leave());
      } else takeUp(held, bounds, add);
      break;
    case 'read': {
      const recorded = change(state, { record: worker.read + 1 });
      add(
        `writes start ${worker.read + 1} into the record`,
        held.become({ at: 'recorded', recorded: true }, recorded),
      );
      break;
    }
    case 'recorded':
      if (worker.lapsed && without !== 'noStartAfterLapse') {
        add('lets go: its visibility has lapsed', held.leave());
      } else add('starts', held.start());
      break;
    case 'working':
      if (image === 'good') add('has a label', held.become({ at: 'labelled' }));
      if (image === 'deadly') add('dies of the image', held.leave(held.fail()));
      if (image === 'hanging' && without !== 'cutHungInference') {
        add('cuts the inference, which hangs', held.leave(held.fail()));
      }
      break;
    case 'labelled':
      if (without === 'storeBeforeReply') {
        add('replies label', held.become({ at: 'replied' }, reply(state, 'label')));
      } else add('stores label', held.settle('label', bounds));
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
  if (state.deadlinePassed) {
    add('stores that the deadline passed', held.settle('deadline-exceeded', bounds));
    return;
  }
  if (state.image !== 'stored') {
    if (without === 'missingImageIsTerminal') add('hands back: no image', held.leave());
    else add('stores that the image is missing', held.settle('image-missing', bounds));
    return;
  }
  if (without === 'storeBeforeDelete') {
    add('deletes its message and starts', deleteMessage(held.start(), worker.message));
    return;
  }
  if (!worker.second || without === 'recordStarts') {
    add('starts', held.start());
    return;
  }
  switch (judgeStarts(state, without)) {
    case 'exhausted':
      add('finds the starts used up', held.settle('attempts-exhausted', bounds));
      break;
    case 'too-early':
      add('hands back: the last start may still bring an answer', held.leave());
      break;
    case 'may-start':
      recordStart(held, bounds, add);
  }
}

function recordStart(held: Held, { without }: RequestBounds, add: Add): void {
  const { state } = held;
  if (without === 'compareAndSet') {
    add(`reads ${state.record} starts`, held.become({ at: 'read', read: state.record }));
    return;
  }
  const recorded = { at: 'recorded', recorded: true } as const;
  const record = state.record + 1;
  add(`records start ${record}`, held.become(recorded, change(state, { record })));
  const spent = spend(state, 'recordRepliesLost');
  if (spent === undefined) return;
  const counted = without === 'nonce' ? record + 1 : record;
  add(
    `records start ${record}; the reply is lost, it writes again`,
    held.become(recorded, change(spent, { record: counted })),
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
  const started = worker.at === 'working' || worker.at === 'labelled';

  fault('kills', `is killed (${worker.at})`, (spent) => held.leave(held.fail(spent)));
  if (isHeld) {
    fault('lapses', `is slow: its visibility lapses (${worker.at})`, (spent) =>
      lapse(held.fail(spent)),
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
    fault('drainDeadlines', 'gives its start back at the drain deadline', (spent) => {
      const removed = worker.recorded && without !== 'givenBackIsNoAttempt';
      const record = spent.record - (removed ? 1 : 0);
      return held.leave(change(spent, { starts: spent.starts - 1, record }));
    });
  }
}
