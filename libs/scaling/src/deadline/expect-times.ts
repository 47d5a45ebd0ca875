import { bootSeconds, serviceSeconds, type Learned } from '../learned.ts';
import type { Tuning } from './tuning.ts';

/** How long things are expected to take, in seconds. */
export interface Times {
  /** Busy seconds of one worker per image. */
  service: number;
  /** Median and 95th percentile of a boot. */
  bootP50: number;
  bootP95: number;
  /** How far ahead the fleet is planned: a worker launched now still serves before it. */
  horizon: number;
  /** From this age on a boot no longer counts as capacity. */
  bootOverdue: number;
}

/** What was measured goes before any prior, from the first sample on. */
export function expectTimes(learned: Learned, targetWaitSeconds: number, tuning: Tuning): Times {
  const bootP50 = bootSeconds(learned, 0.5) ?? tuning.priorBootSeconds.p50;
  const bootP95 = bootSeconds(learned, 0.95) ?? tuning.priorBootSeconds.p95;
  return {
    // An image settled within no measurable time must not make a worker infinitely fast.
    service: Math.max(0.001, serviceSeconds(learned) ?? tuning.priorServiceSeconds),
    bootP50,
    bootP95,
    horizon: Math.max(targetWaitSeconds, bootP50 + tuning.leastServiceSeconds),
    bootOverdue: Math.max(1.5 * bootP95, bootP50 + 10),
  };
}
