import type { HeartbeatJobs } from '@labelfleet/contracts';
import type { Clock } from '@labelfleet/runtime';

/** Counts the work of a worker on jobs, for its heartbeats and its idle watch. */
export class JobActivity {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #processes: number;
  #openChunks = 0;
  #openPlans = 0;
  #images = 0;
  /** Images in a classifier process now. */
  #classifying = 0;
  #classifyMs = 0;
  #sinceMs = 0;
  #quietSinceMs: number;

  /** @param processes the number of classifier processes */
  constructor(clock: Pick<Clock, 'monotonicMs'>, processes: number) {
    this.#clock = clock;
    this.#processes = processes;
    this.#quietSinceMs = clock.monotonicMs();
  }

  /** Begins the work on a message of the batch queue. */
  begin(type: 'chunk' | 'plan'): Disposable {
    const add = (count: number) => {
      if (type === 'chunk') this.#openChunks += count;
      else this.#openPlans += count;
    };
    add(1);
    return {
      [Symbol.dispose]: () => {
        add(-1);
        this.#quietSinceMs = this.#clock.monotonicMs();
      },
    };
  }

  imageDone(): void {
    this.#images += 1;
  }

  /** An image of a job is in a classifier process until this is disposed of. */
  classifying(): Disposable {
    this.#count(1);
    return { [Symbol.dispose]: () => this.#count(-1) };
  }

  /** For how long the worker has had no message of a job; 0 while it has one. */
  quietMs(): number {
    return this.#openChunks + this.#openPlans > 0
      ? 0
      : this.#clock.monotonicMs() - this.#quietSinceMs;
  }

  report(): HeartbeatJobs {
    this.#count(0);
    return {
      openChunks: this.#openChunks,
      images: this.#images,
      classifySeconds: this.#classifyMs / 1000,
      processes: this.#processes,
    };
  }

  #count(change: number): void {
    const nowMs = this.#clock.monotonicMs();
    this.#classifyMs += this.#classifying * (nowMs - this.#sinceMs);
    this.#sinceMs = nowMs;
    this.#classifying += change;
  }
}
