/** The slowest that an upload may be. */
export interface Pace {
  /** How long an upload may fall behind the rate before it is too slow. */
  graceMs: number;
  minBytesPerSecond: number;
}

export const UPLOAD_PACE: Pace = { graceMs: 10_000, minBytesPerSecond: 1_024 };

/**
 * The time at which an upload is too slow unless more of it comes. Bytes buy time at the lowest rate, and never
 * more than the grace: who sends most of an image at once may not rest on that.
 * @param slowAt what it was before these bytes, in the milliseconds of `nowMs`
 */
export const slowAfter = (
  slowAt: number,
  bytes: number,
  nowMs: number,
  { graceMs, minBytesPerSecond }: Pace,
): number => Math.min(nowMs + graceMs, slowAt + (bytes / minBytesPerSecond) * 1_000);
