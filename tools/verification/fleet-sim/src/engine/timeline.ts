import { EventHeap } from './event-heap.ts';

/** What happens at a time of its own. `a` is a worker and `b` an image, unless said otherwise. */
export const EVENT = {
  /** A worker polls for the first time. */
  UP: 0,
  /** An image is ready for a thread. */
  FETCHED: 1,
  /** A thread has finished an image: it is answered. */
  DONE: 2,
  /** `a` is an image whose visibility time-out is over. */
  VISIBLE_AGAIN: 3,
  READ_TAGS: 4,
  POLL_ENDS: 5,
  /** `b` is the timer that it was set by. */
  REPORT: 6,
  KILLED: 7,
  SPOT_NOTICE: 8,
  /** `b` is 1 where the policy stops it, and 0 where EC2 takes it back. */
  STOP_LATEST: 9,
  /** Every second. */
  SECOND: 10,
} as const;

/** The time of a run, and what is still to happen in it. */
export class Timeline {
  now = 0;
  readonly events = new EventHeap();

  /** At Infinity: never. */
  later(at: number, kind: number, a = 0, b = 0): void {
    if (at < Infinity) this.events.put(at, kind, a, b);
  }
}
