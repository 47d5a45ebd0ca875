/**
 * Measures how long this scaler has been able to receive every worker's heartbeats. Silence is measured by this
 * clock (F7).
 */
export interface ListeningClock {
  /** Grows only while events are received and the queue is empty after each receive. */
  heardMs: number;
  /**
   * The monotonic time up to which `heardMs` is counted; undefined while events may be waiting or cannot be
   * received.
   */
  countedUntilMs: number | undefined;
}

export const NOT_LISTENING: ListeningClock = { heardMs: 0, countedUntilMs: undefined };

/** How a receive ended. A full one may have left events on the queue; a failed one has left all of them. */
export type Receive = { kind: 'emptied' | 'full' | 'failed'; endedAtMs: number };

/**
 * The most that one receive can add. A poll takes 5 s; if it took longer, the scaler was suspended and does not
 * know yet what was sent meanwhile.
 */
const MOST_MS = 6000;

export function takeReceive(
  { heardMs, countedUntilMs }: ListeningClock,
  receive: Receive,
): ListeningClock {
  if (receive.kind !== 'emptied') return { heardMs, countedUntilMs: undefined };
  const { endedAtMs } = receive;
  const heard = countedUntilMs === undefined ? 0 : endedAtMs - countedUntilMs;
  return { heardMs: heardMs + Math.min(heard, MOST_MS), countedUntilMs: endedAtMs };
}
