import { USUAL_BOOTS } from '../../boots.ts';

/**
 * The constants of the policy `deadline`. They are no configuration: a scaler uses the defaults, and the
 * simulator changes one at a time to show what each is worth.
 */
export interface Tuning {
  /** What a boot and an image are taken to need until the first was measured: EC2, a small model. */
  priorBootSeconds: { p50: number; p95: number };
  priorServiceSeconds: number;
  /** A worker launched now must be able to serve for so long within the horizon. */
  leastServiceSeconds: number;
  /** A boot that should have ended by now is expected to end this much later. */
  lateBootSeconds: number;
  /** Whether boots under way count as capacity to come. */
  countBoots: boolean;
  /** Whether arrivals that go on are taken to go on: in the need, and in the workers kept for them. */
  forecast: boolean;
  /** Whether they are so, for as long again, before it is sure that they go on. */
  forecastBeginnings: boolean;
  steady: boolean;
  /** Whether those follow the rate of the last minute alone, or that of the last 15 s where it is higher. */
  steadyByMinute: boolean;
  /** The share of steady arrivals that may wait longer than the target: the reserve is made for it. */
  lateShare: number;
  /** The largest reserve for steady arrivals, in square roots of the load. */
  beta: number;
  /** The fleet is kept as large as it takes to end the work there is within this share of the target wait. */
  keepWithinTarget: number;
  /** Whether so much work may always wait where arrivals go on. */
  letWait: boolean;
  /** A level is released when it was not needed for one of these, in seconds, ascending. */
  idleWaitsSeconds: readonly [number, ...number[]];
  /** Before a level has a history: where it was needed for arrivals that go on, and where it never was. */
  firstIdleWaitSeconds: number;
  burstIdleWaitSeconds: number;
  /** Whether levels learn their wait, or keep the first one. */
  learnIdleWaits: boolean;
  /** What it costs to boot again a worker released too early, in boots: one is paid, the others are waited for. */
  relaunchCostBoots: number;
  /** No worker younger than this is terminated, though it may drain: EC2 bills 60 s at least. */
  leastAgeSeconds: number;
  /** Whether a boot that is not needed any more may be told to drain before it is up. */
  releaseBoots: boolean;
  /** Whether a worker may be released between two images, where none has been without for a whole poll. */
  releaseBetweenImages: boolean;
}

export const DEFAULT_TUNING: Tuning = {
  priorBootSeconds: USUAL_BOOTS,
  priorServiceSeconds: 0.25,
  leastServiceSeconds: 15,
  lateBootSeconds: 5,
  countBoots: true,
  forecast: true,
  forecastBeginnings: true,
  steady: true,
  steadyByMinute: true,
  lateShare: 0.05,
  beta: 1,
  keepWithinTarget: 0.5,
  letWait: true,
  idleWaitsSeconds: [4, 30, 60, 120, 300, 600],
  firstIdleWaitSeconds: 60,
  burstIdleWaitSeconds: 4,
  learnIdleWaits: true,
  relaunchCostBoots: 5,
  leastAgeSeconds: 60,
  releaseBoots: true,
  releaseBetweenImages: true,
};
