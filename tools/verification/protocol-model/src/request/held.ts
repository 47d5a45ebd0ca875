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

/** A worker that holds the request, with the changes that several steps share. */
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

  /** The worker drops the request; its message becomes visible if the worker still owns it. */
  leave(from = this.state): RequestState {
    const { message, lapsed, nonce } = this.worker;
    const workers = from.workers.filter((_, index) => index !== this.#index);
    const held = !lapsed && from.messages[message]?.at === 'flight';
    // No step needs this attempt again, so attempts of dead workers are made equal.
    const record = from.record.map((each) => (each === nonce ? GONE : each)).sort();
    const left = change(from, { workers, record });
    return held ? setMessage(left, message, { at: 'queue' }) : left;
  }

  /** Its attempt ended because the worker was killed or failed. An attempt that lapsed was counted at the lapse. */
  fail(from = this.state): RequestState {
    const { nonce, lapsed, at } = this.worker;
    const counts = nonce !== '' && (!lapsed || at === 'recorded');
    return counts ? change(from, { failed: from.failed + 1 }) : from;
  }

  /** The attempt ended: its result is stored, or the message is released with or without the attempt on record. */
  end(outcome: AttemptOutcome, { without }: RequestBounds, from = this.state): RequestState {
    const { answer, withdraws } = conclude(outcome, from);
    if (answer !== undefined) {
      const stored = store(from, answer, without);
      return this.become({ at: 'stored', value: stored.result }, stored);
    }
    const { nonce, lapsed, at } = this.worker;
    if (nonce === '' || !withdraws || without === 'withdrawnIsNoAttempt') return this.leave(from);
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

  attempt(): RequestState {
    const { state, worker } = this;
    const started = this.become({ at: 'working' }, change(state, { attempts: state.attempts + 1 }));
    if (worker.late) return change(started, { wrong: 'started again after its result was stored' });
    // A first receive reads no record, and its attempt is not recorded.
    if (worker.second && state.result === 'attempts-exhausted') {
      return change(started, { wrong: 'started after it was given up' });
    }
    return started;
  }
}
