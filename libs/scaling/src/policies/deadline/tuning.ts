import { USUAL_BOOTS } from '../../boots.ts';

/**
 * The constants of the policy `deadline`. They are not configurable: a scaler uses the defaults, and the simulator
 * changes one at a time to measure its effect.
 */
export interface Tuning {
  /** Assumed times of a boot and an image until the first is measured: EC2, a small model. */
  priorBootSeconds: { p50: number; p95: number };
  priorServiceSeconds: number;
  /** A worker launched now must be up for this long within the horizon. */
  leastServiceSeconds: number;
  /** A boot that should have ended by now is expected to end this much later. */
  lateBootSeconds: number;
  /** The share of sustained arrivals that may wait longer than the target; it determines the reserve. */
  lateShare: number;
  /** The largest reserve for sustained arrivals, in square roots of the load. */
  beta: number;
  /** The fleet is kept large enough to complete the present work within this share of the target wait. */
  keepWithinTarget: number;
  /** The waits, in seconds, ascending: a level is released when it was not needed for the one it learned. */
  idleWaitsSeconds: readonly [number, ...number[]];
  /** The waits of a level without history: if it was needed for sustained arrivals, and if it never was. */
  firstIdleWaitSeconds: number;
  burstIdleWaitSeconds: number;
  /**
   * The cost of booting a worker again that was released too early, in boots: one is paid, the others are the price
   * of the wait.
   */
  relaunchCostBoots: number;
  /** No worker younger than this is terminated, although it may drain: EC2 bills at least 60 s. */
  leastAgeSeconds: number;
}

export const DEFAULT_TUNING: Tuning = {
  priorBootSeconds: USUAL_BOOTS,
  priorServiceSeconds: 0.25,
  leastServiceSeconds: 15,
  lateBootSeconds: 5,
  lateShare: 0.05,
  beta: 1,
  keepWithinTarget: 0.5,
  idleWaitsSeconds: [4, 30, 60, 120, 300, 600],
  firstIdleWaitSeconds: 60,
  burstIdleWaitSeconds: 4,
  relaunchCostBoots: 5,
  leastAgeSeconds: 60,
};
