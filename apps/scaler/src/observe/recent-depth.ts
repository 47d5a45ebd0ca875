import type { Queue, QueueDepth } from '@labelfleet/aws/queue';
import type { Clock } from '@labelfleet/runtime';

/** Longer than between two ticks by default. */
const RECENT_MS = 3000;

/** The depth of a queue, which ticks read, for others that need it as well: each read costs. */
export class RecentDepth {
  readonly #queue: Pick<Queue, 'depth'>;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #last: { depth: QueueDepth; atMs: number } | undefined;

  constructor(queue: Pick<Queue, 'depth'>, clock: Pick<Clock, 'monotonicMs'>) {
    this.#queue = queue;
    this.#clock = clock;
  }

  /** Reads it now. */
  async depth(): Promise<QueueDepth> {
    const atMs = this.#clock.monotonicMs();
    const depth = await this.#queue.depth();
    this.#last = { depth, atMs };
    return depth;
  }

  /** What was read within the last 3 s; otherwise reads it now. */
  async recent(): Promise<QueueDepth> {
    const last = this.#last;
    return last !== undefined && this.#clock.monotonicMs() - last.atMs < RECENT_MS
      ? last.depth
      : this.depth();
  }
}
