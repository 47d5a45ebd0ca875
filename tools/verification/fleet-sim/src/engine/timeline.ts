import TinyQueue from 'tinyqueue';

/** The kinds of events. `a` is a worker and `b` an image, unless noted. */
export const EVENT = {
  /** A worker polls for the first time. */
  UP: 0,
  /** An image is ready for a thread. */
  FETCHED: 1,
  /** A thread has finished an image, which is now answered. */
  DONE: 2,
  /** `a` is an image whose visibility timeout ends. */
  VISIBLE_AGAIN: 3,
  READ_TAGS: 4,
  POLL_ENDS: 5,
  /** `b` is the number of the timer that set it. */
  REPORT: 6,
  KILLED: 7,
  SPOT_NOTICE: 8,
  /** `b` is 1 if the policy stops the worker and 0 if EC2 interrupts it. */
  STOP_LATEST: 9,
  /** Every second. */
  SECOND: 10,
  /** `a` is a job that is created. */
  JOB: 11,
  /** `a` is a job whose next page is listed. */
  PAGE: 12,
  /** A thread has finished an image of a job; `b` is the number of its begin. */
  JOB_IMAGE: 13,
  /** `a` is the number of a chunk whose visibility timeout ends. */
  CHUNK_VISIBLE: 14,
} as const;

interface Event {
  at: number;
  /** Events of the same time happen in the order in which they were added, so that a run repeats exactly. */
  order: number;
  kind: number;
  a: number;
  b: number;
}

/** The time of a run and its future events. */
export class Timeline {
  now = 0;
  #added = 0;
  readonly events = new TinyQueue<Event>(
    [],
    (one, other) => one.at - other.at || one.order - other.order,
  );

  /** Adds an event, or none for a time of Infinity. */
  later(at: number, kind: number, a = 0, b = 0): void {
    if (at < Infinity) this.events.push({ at, order: this.#added++, kind, a, b });
  }
}
