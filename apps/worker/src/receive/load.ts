import { Linger } from '@labelfleet/aws/queue';
import type { Clock } from '@labelfleet/runtime';

/** The weight of the newest image. */
const NEWEST = 0.1;

/** Measures how fast a worker classifies, and how long images wait for a classifier process. */
export class Load {
  readonly #processes: number;
  readonly #linger: Linger;
  #imageMs: number | undefined;

  /** @param processes the number of classifier processes */
  constructor(processes: number, clock: Pick<Clock, 'monotonicMs'>) {
    this.#processes = processes;
    this.#linger = new Linger(() => clock.monotonicMs());
  }

  /** To be called when an image gets its classifier process. */
  waited(ms: number): void {
    this.#linger.observe(ms);
  }

  /** To be called when an image was decoded and classified in this time. */
  classified(ms: number): void {
    this.#imageMs =
      this.#imageMs === undefined ? ms : this.#imageMs + NEWEST * (ms - this.#imageMs);
  }

  /** How many images all processes classify in a millisecond; 0 until the first one. */
  imagesPerMs(): number {
    return this.#imageMs === undefined ? 0 : this.#processes / Math.max(this.#imageMs, 1);
  }

  /** How long a reply may wait for others, in milliseconds. */
  lingerMs(): number {
    return this.#linger.ms;
  }
}
