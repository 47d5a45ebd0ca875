import { bootSeconds, BOOTS_REMEMBERED, type Learned } from './learned.ts';

/** Assumed boot times on EC2 before the first boot was measured: median and 95th percentile, in seconds. */
export const USUAL_BOOTS = { p50: 42, p95: 75 };

/** Expected duration of a boot, in seconds. */
export interface ExpectedBoot {
  p50: number;
  p95: number;
  /** From this age on a boot no longer counts as capacity. */
  overdue: number;
  /** At this age a boot without a heartbeat is terminated (F7). */
  lost: number;
}

const LEAST_LOST_SECONDS = 60;

/**
 * Derived from the last boots. The longest of a few boots says little about the 95th percentile, so until
 * `BOOTS_REMEMBERED` boots are known it is at least the usual multiple of the median.
 */
export function expectBoot(learned: Learned, usual = USUAL_BOOTS): ExpectedBoot {
  const p50 = bootSeconds(learned, 0.5) ?? usual.p50;
  const spread = learned.bootSeconds.length < BOOTS_REMEMBERED ? usual.p95 / usual.p50 : 1;
  const p95 = Math.max(bootSeconds(learned, 0.95) ?? 0, p50 * spread);
  return {
    p50,
    p95,
    overdue: Math.max(1.5 * p95, p50 + 10),
    lost: Math.max(3 * p95, LEAST_LOST_SECONDS),
  };
}
