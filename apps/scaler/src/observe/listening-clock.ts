/** How long this scaler has been able to hear every worker: the clock by which silence is counted (F7). */
export interface ListeningClock {
  /** Grows only while events are received and none are left waiting on the queue. */
  heardMs: number;
  /** Until when it has been counted; undefined while events may be waiting, or cannot be received. */
  countedUntilMs: number | undefined;
}

export const NOT_LISTENING: ListeningClock = { heardMs: 0, countedUntilMs: undefined };

/** How a receive ended. A full one may have left events behind; a failed one has left all of them. */
export type Receive = { kind: 'emptied' | 'full' | 'failed'; endedAtMs: number };

/**
 * The most that one receive can add: a poll takes 5 s, and anything longer is a scaler that was stopped in it,
 * and does not know yet what has been sent meanwhile.
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
