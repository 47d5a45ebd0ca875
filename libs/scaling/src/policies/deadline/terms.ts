/** The terms of a decision of the policy `deadline`: times in seconds, work in images. */
export interface Terms {
  /** Arrivals a second over the last 15 s and 60 s, and whether they are sustained. */
  rate15: number;
  rate60: number;
  sustained: boolean;
  /** For how many seconds of the horizon arrivals are expected, and how many a second. */
  forecastSeconds: number;
  forecastRate: number;
  /** Busy seconds of one worker per image. */
  serviceSeconds: number;
  bootP50Seconds: number;
  bootP95Seconds: number;
  /** H: how far ahead the fleet is planned. */
  horizonSeconds: number;
  /** L: images now. */
  workImages: number;
  /** The part of `workImages` that gateways refused and whose callers are expected to retry; absent: none. */
  refusedImages?: number;
  /** Images to complete within the horizon, expected arrivals included. */
  needImages: number;
  /** Images that the live workers can complete within the horizon. */
  capacityImages: number;
  /** Workers that are up; boots that count as capacity, and boots too old to count. */
  up: number;
  booting: number;
  overdue: number;
  /** Until the last boot that counts is expected to end; 0 without one. */
  bootsDueSeconds: number;
  /** k: workers missing for the need. */
  missing: number;
  /** Workers kept for sustained arrivals. */
  steady: number;
  /** Workers needed now, and workers kept because they were needed a while ago. */
  needed: number;
  kept: number;
  /** Seconds until the first of the kept workers is released; 0 without one. */
  keptForSeconds: number;
  /** Workers wanted, before the limits. */
  want: number;
}
