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
  steady: boolean;
  /** Safety of the workers kept for steady arrivals, in square roots of the load. */
  beta: number;
  /** The fleet is kept as large as it takes to end the work there is within this share of the target wait. */
  keepWithinTarget: number;
  /** A level is released when it was not needed for one of these, in seconds, ascending. */
  idleWaitsSeconds: readonly [number, ...number[]];
  /** Before a level has a history. */
  firstIdleWaitSeconds: number;
  /** Whether levels learn their wait, or keep the first one. */
  learnIdleWaits: boolean;
  /** What it costs to boot again a worker released too early, in boots: one is paid, the others are waited for. */
  relaunchCostBoots: number;
  /** No worker younger than this is released: EC2 bills 60 s at least. */
  leastAgeSeconds: number;
  /** Whether a worker may be released between two images, where none has been without for a whole poll. */
  releaseBetweenImages: boolean;
}

export const DEFAULT_TUNING: Tuning = {
  priorBootSeconds: { p50: 42, p95: 75 },
  priorServiceSeconds: 0.25,
  leastServiceSeconds: 15,
  lateBootSeconds: 5,
  countBoots: true,
  forecast: true,
  steady: true,
  beta: 0.7,
  keepWithinTarget: 0.5,
  idleWaitsSeconds: [60, 120, 300, 600],
  firstIdleWaitSeconds: 120,
  learnIdleWaits: true,
  relaunchCostBoots: 3,
  leastAgeSeconds: 60,
  releaseBetweenImages: true,
};
