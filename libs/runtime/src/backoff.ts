const BASE_MS = 200;
const CAP_MS = 10_000;

/**
 * How long to wait before a failed call is repeated: full jitter below a bound that doubles from 200 ms to
 * 10 s.
 * @param failures how often the call has failed, at least 1
 * @param random 0 to 1
 */
export const retryDelayMs = (failures: number, random: number): number =>
  random * Math.min(CAP_MS, BASE_MS * 2 ** (failures - 1));
