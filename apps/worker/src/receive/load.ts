import { Linger } from '@labelfleet/aws/queue';
import type { Clock } from '@labelfleet/runtime';
import { imagesPerMs, nextMeanMs } from './receive-ahead.ts';

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
    this.#imageMs = nextMeanMs(this.#imageMs, ms);
  }

  /** How many images all processes classify in a millisecond; 0 until the first one. */
  imagesPerMs(): number {
    return imagesPerMs(this.#processes, this.#imageMs);
  }

  /** How long a reply may wait for others, in milliseconds. */
  lingerMs(): number {
    return this.#linger.ms;
  }
}
