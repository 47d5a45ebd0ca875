/** The numbers a decision of the policy `deadline` was made of: times in seconds, work in images. */
export interface Terms {
  /** Arrivals a second over the last 15 s and 60 s, and whether they are taken to go on. */
  rate15: number;
  rate60: number;
  sustained: boolean;
  /** For how long of the horizon arrivals are expected, and how many a second. */
  forecastSeconds: number;
  forecastRate: number;
  /** Busy seconds of one worker per image. */
  serviceSeconds: number;
  bootP50Seconds: number;
  bootP95Seconds: number;
  /** H: how far ahead is planned. */
  horizonSeconds: number;
  /** L: work there is now. */
  workImages: number;
  /** The part of it that gateways refused and that is expected to come again; absent: none. */
  refusedImages?: number;
  /** Work to be done within the horizon, expected arrivals included. */
  needImages: number;
  /** What the live workers can do within the horizon. */
  capacityImages: number;
  /** Workers that serve; boots that count, and those too old to. */
  up: number;
  booting: number;
  overdue: number;
  /** Until the last boot that counts is expected to end; 0 without one. */
  bootsDueSeconds: number;
  /** k: workers missing for the need. */
  missing: number;
  /** Workers kept for arrivals that go on. */
  steady: number;
  /** Workers needed now, and workers kept because they were a while ago. */
  needed: number;
  kept: number;
  /** Until the first of the workers kept is no longer; 0 without one. */
  keptForSeconds: number;
  /** Workers that all of it comes to, before the limits. */
  want: number;
}
