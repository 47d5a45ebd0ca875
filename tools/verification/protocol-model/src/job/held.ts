import { withoutAttempt } from '@labelfleet/contracts';
import {
  change,
  setMessage,
  type Doing,
  type JobBounds,
  type JobState,
  type JobSteps,
  type Message,
  type Worker,
} from './state.ts';

/** A worker that holds a message of the job, with the changes that several steps share. */
export class Held {
  readonly steps: JobSteps;
  readonly state: JobState;
  readonly worker: Worker;
  readonly bounds: JobBounds;
  readonly #index: number;

  constructor(steps: JobSteps, worker: Worker, index: number, bounds: JobBounds) {
    this.steps = steps;
    this.state = steps.state;
    this.worker = worker;
    this.#index = index;
    this.bounds = bounds;
  }

  get message(): Message {
    const message = this.state.messages[this.worker.message];
    if (message === undefined) throw new Error('the worker has no message');
    return message;
  }

  /** Names this worker's attempts. */
  get nonce(): string {
    const { message, receive } = this.worker;
    return `receive ${receive} of message ${message + 1}`;
  }

  do(doing: Doing, from = this.state): JobState {
    return change(from, { workers: from.workers.with(this.#index, { ...this.worker, doing }) });
  }

  lapse(from: JobState): JobState {
    return change(from, {
      workers: from.workers.with(this.#index, { ...this.worker, lapsed: true }),
    });
  }

  /** The worker drops its message, which becomes visible if it still owns it. */
  leave(from = this.state): JobState {
    const { message, lapsed } = this.worker;
    const left = change(from, { workers: from.workers.toSpliced(this.#index, 1) });
    const owns = !lapsed && from.messages[message]?.at === 'flight';
    return owns ? setMessage(left, message, { at: 'queue' }) : left;
  }

  /** It releases its message on purpose: an attempt under way is removed from the record. */
  withdraw(from: JobState): JobState {
    return change(from, { record: withoutAttempt(from.record, this.nonce) });
  }
}
