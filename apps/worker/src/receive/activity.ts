import type { Clock } from '@labelfleet/runtime';

/** What a worker has done since it started, as its heartbeats report it. */
export interface ActivityReport {
  busySlots: number;
  /** 0 while busy, and until a poll has returned no message. */
  idleSeconds: number;
  imagesCompleted: number;
  busySeconds: number;
  /** Time with every slot in use. */
  fullSeconds: number;
  completedWhileFull: number;
}

/**
 * Counts images and measures busy and idle time. Work while every slot is in use is counted separately:
 * only that shows how fast the worker can be.
 */
export class Activity {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #slots: number;
  /** Requests received and not ended: more than slots when some were received ahead. */
  #open = 0;
  #imagesCompleted = 0;
  #busyMs = 0;
  /** When the worker last became busy or, while it is idle, when it became idle. */
  #sinceMs: number;
  #polledEmpty = false;
  #completedWhileFull = 0;
  #fullMs = 0;
  #fullSinceMs = 0;

  constructor(clock: Pick<Clock, 'monotonicMs'>, slots: number) {
    this.#clock = clock;
    this.#slots = slots;
    this.#sinceMs = clock.monotonicMs();
  }

  /** Requests received and not ended. */
  get openRequests(): number {
    return this.#open;
  }

  /** Begins a request; the first call of `ended` ends it. */
  requestBegun(): { ended: (outcome: 'completed' | 'not-completed') => void } {
    if (this.#open === 0) this.#sinceMs = this.#clock.monotonicMs();
    this.#open++;
    this.#polledEmpty = false;
    if (this.#open === this.#slots) this.#fullSinceMs = this.#clock.monotonicMs();
    let isOpen = true;
    return {
      ended: (outcome) => {
        if (isOpen) this.#requestEnded(outcome);
        isOpen = false;
      },
    };
  }

  #requestEnded(outcome: 'completed' | 'not-completed'): void {
    if (outcome === 'completed') {
      this.#imagesCompleted++;
      if (this.#open >= this.#slots) this.#completedWhileFull++;
    }
    if (this.#open === this.#slots) this.#fullMs += this.#clock.monotonicMs() - this.#fullSinceMs;
    this.#open--;
    if (this.#open > 0) return;
    const nowMs = this.#clock.monotonicMs();
    this.#busyMs += nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
  }

  polledEmpty(): void {
    if (this.#open === 0) this.#polledEmpty = true;
  }

  /** For how long the worker has had no image, whether or not polls succeeded; 0 while busy. */
  quietMs(): number {
    return this.#open > 0 ? 0 : this.#clock.monotonicMs() - this.#sinceMs;
  }

  report(): ActivityReport {
    const nowMs = this.#clock.monotonicMs();
    const elapsedMs = nowMs - this.#sinceMs;
    const busy = this.#open > 0;
    const full = this.#open >= this.#slots;
    return {
      busySlots: Math.min(this.#open, this.#slots),
      idleSeconds: this.#polledEmpty ? elapsedMs / 1000 : 0,
      imagesCompleted: this.#imagesCompleted,
      busySeconds: (this.#busyMs + (busy ? elapsedMs : 0)) / 1000,
      fullSeconds: (this.#fullMs + (full ? nowMs - this.#fullSinceMs : 0)) / 1000,
      completedWhileFull: this.#completedWhileFull,
    };
  }
}
