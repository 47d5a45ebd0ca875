import type { AttemptOutcome } from '@labelfleet/worker/protocol';
import { conclude, GONE, removed } from './product.ts';
import {
  change,
  replaced,
  setMessage,
  store,
  type RequestBounds,
  type RequestState,
  type Worker,
} from './state.ts';

export type Add = (label: string, to: RequestState, fault?: boolean) => void;

/** A worker in its state, and the changes that several steps share. */
export class Held {
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
  end(outcome: AttemptOutcome, { without }: RequestBounds, from = this.state): RequestState {
    const { answer, withdraws } = conclude(outcome, from);
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
