import { expectBoot } from '../../boots.ts';
import { serviceSeconds, type Learned } from '../../learned.ts';
import type { Tuning } from './tuning.ts';

/** Expected durations, in seconds. */
export interface Times {
  /** Busy seconds of one worker per image. */
  service: number;
  /** Median and 95th percentile of a boot. */
  bootP50: number;
  bootP95: number;
  /** The target wait. */
  target: number;
  /** How far ahead the fleet is planned: a worker launched now serves before its end. */
  horizon: number;
  /** Workers are released only if the rest can complete the present work within this time. */
  keepWithin: number;
  /** From this age on a boot no longer counts as capacity. */
  bootOverdue: number;
}

/** Measured values replace the priors from the first sample on. */
export function expectTimes(learned: Learned, targetWaitSeconds: number, tuning: Tuning): Times {
  const boot = expectBoot(learned, tuning.priorBootSeconds);
  return {
    // An image that is completed in no measurable time must not make a worker infinitely fast.
    service: Math.max(0.001, serviceSeconds(learned) ?? tuning.priorServiceSeconds),
    bootP50: boot.p50,
    bootP95: boot.p95,
    target: targetWaitSeconds,
    horizon: Math.max(targetWaitSeconds, boot.p50 + tuning.leastServiceSeconds),
    keepWithin: tuning.keepWithinTarget * targetWaitSeconds,
    bootOverdue: boot.overdue,
  };
}
