import { expectBoot } from '../../boots.ts';
import { serviceSeconds, type Learned } from '../../learned.ts';
import type { Tuning } from './tuning.ts';

/** How long things are expected to take, in seconds. */
export interface Times {
  /** Busy seconds of one worker per image. */
  service: number;
  /** Median and 95th percentile of a boot. */
  bootP50: number;
  bootP95: number;
  /** The longest wait that is to be kept. */
  target: number;
  /** How far ahead the fleet is planned: a worker launched now still serves before it. */
  horizon: number;
  /** Within which the work there is shall be done before anybody is released. */
  keepWithin: number;
  /** From this age on a boot no longer counts as capacity. */
  bootOverdue: number;
}

/** What was measured goes before any prior, from the first sample on. */
export function expectTimes(learned: Learned, targetWaitSeconds: number, tuning: Tuning): Times {
  const boot = expectBoot(learned, tuning.priorBootSeconds);
  return {
    // An image completed within no measurable time must not make a worker infinitely fast.
    service: Math.max(0.001, serviceSeconds(learned) ?? tuning.priorServiceSeconds),
    bootP50: boot.p50,
    bootP95: boot.p95,
    target: targetWaitSeconds,
    horizon: Math.max(targetWaitSeconds, boot.p50 + tuning.leastServiceSeconds),
    keepWithin: tuning.keepWithinTarget * targetWaitSeconds,
    bootOverdue: boot.overdue,
  };
}
