import type { AttemptOutcome } from '@labelfleet/worker/protocol';
import { freeName } from '../steps.ts';
import { conclude, GONE, removed } from './product.ts';
import {
  change,
  setMessage,
  store,
  type RequestBounds,
  type RequestState,
  type RequestSteps,
  type Worker,
} from './state.ts';

/** A worker that holds the request, with the changes that several steps share. */
export class Held {
  readonly steps: RequestSteps;
  readonly state: RequestState;
  readonly worker: Worker;
  readonly bounds: RequestBounds;
  readonly #index: number;

  constructor(steps: RequestSteps, worker: Worker, index: number, bounds: RequestBounds) {
    this.steps = steps;
    this.state = steps.state;
    this.worker = worker;
    this.#index = index;
    this.bounds = bounds;
  }

  become(changes: Partial<Worker>, from = this.state): RequestState {
    const worker = { ...this.worker, ...changes };
    return change(from, { workers: from.workers.with(this.#index, worker) });
  }

  /** The worker drops the request; its message becomes visible if the worker still owns it. */
  leave(from = this.state): RequestState {
    const { message, lapsed, nonce } = this.worker;
    const workers = from.workers.toSpliced(this.#index, 1);
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
  end(outcome: AttemptOutcome, from = this.state): RequestState {
    const { without } = this.bounds;
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
    return freeName('n', (name) => this.state.workers.some(({ nonce }) => nonce === name));
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
