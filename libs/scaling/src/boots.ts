import { bootSeconds, BOOTS_REMEMBERED, type Learned } from './learned.ts';

/** How long boots take on EC2, as far as is known before the first one: median and 95th percentile, in seconds. */
export const USUAL_BOOTS = { p50: 42, p95: 75 };

/** What a boot is expected to take, in seconds. */
export interface ExpectedBoot {
  p50: number;
  p95: number;
  /** From this age on a boot is not counted on any more. */
  overdue: number;
  /** At this age a boot without a report is given up (F7). */
  lost: number;
}

const LEAST_LOST_SECONDS = 60;

/**
 * From the last boots. The longest of a few says little of how long one can take: until as many are known as are
 * remembered, the 95th percentile is at least as many times the median as it usually is.
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
