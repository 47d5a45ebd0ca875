const RETRY_BASE_MS = 200;
const RETRY_CAP_MS = 10_000;

/**
 * How long to wait before a call that failed is made again: full jitter under a bound that doubles from
 * 200 ms to 10 s.
 * @param failures how often it has failed, at least 1
 * @param random 0 to 1
 */
export const retryDelayMs = (failures: number, random: number): number =>
  random * Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** (failures - 1));
