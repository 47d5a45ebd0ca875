/** The slowest an upload may be. */
export interface Pace {
  /** How long an upload may fall behind the rate before it is too slow. */
  graceMs: number;
  minBytesPerSecond: number;
}

export const UPLOAD_PACE: Pace = { graceMs: 10_000, minBytesPerSecond: 1_024 };

/**
 * The time at which an upload is too slow unless more bytes arrive. Bytes extend it at the lowest rate, to at most the
 * grace from now, so that a client which sends most of an image at once cannot stop sending for long.
 * @param slowAt the time before these bytes, on the clock of `nowMs`
 */
export const slowAfter = (
  slowAt: number,
  bytes: number,
  nowMs: number,
  { graceMs, minBytesPerSecond }: Pace,
): number => Math.min(nowMs + graceMs, slowAt + (bytes / minBytesPerSecond) * 1_000);
