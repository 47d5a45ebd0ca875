import type { Cases } from '../cases.ts';
import type { FleetRule } from './rules.ts';
import type { FleetBounds } from './state.ts';

/** One scaler and an image that needs a launch. */
const launching: FleetBounds = { scalers: 1, maxWorkers: 1, firstImages: 1 };
/** One scaler and an idle worker. */
const idle: FleetBounds = { ...launching, firstImages: 0, firstWorkers: 1 };

const crash = { ...launching, crashes: 1 };
const imageWhileIdle = { ...idle, images: 1 };
const misread = { ...idle, images: 1, misreadDepths: 1 };
const lateReport = { ...idle, images: 2, lateReports: 1, crashes: 1 };
const takeover = { ...idle, scalers: 2, stops: 1, images: 1 };
const passing = { ...launching, minutesPass: 1 };
const refusedReplay = { ...passing, scalers: 2, stops: 1, refusals: 1 };

const breaks = (violation: RegExp) => (bounds: FleetBounds) => ({ bounds, breaks: violation });
const aboveMax = breaks(/above max/);
const busy = breaks(/terminated by scale-in while it was busy/);
const reports = breaks(/terminated as silent, and it reports/);
const never = breaks(/never again/);
const stillCounted = breaks(/still counted 33 min after it was written down/);
const waits = breaks(/an image waits for 15 min, and nothing is sent/);

export const FLEET_CASES: Cases<FleetRule, FleetBounds> = {
  onlyIfMatch: aboveMax({ ...launching, scalers: 2, lateToNotice: 1, stops: 1 }),
  nonce: aboveMax({ ...launching, writesLost: 1, crashes: 1 }),
  oneTry: aboveMax(refusedReplay),
  standbyIsDeaf: reports({ ...idle, scalers: 2 }),
  intentFirst: aboveMax(crash),
  sendSoon: aboveMax({ ...passing, timeouts: 1 }),
  keepIntent: aboveMax(launching),
  sameToken: aboveMax(crash),
  countRefusedReplay: aboveMax(refusedReplay),
  ownClock: aboveMax({ ...refusedReplay, clockAheadMs: -1_800_000 }),
  ageGoesOn: stillCounted({ ...passing, crashes: 2, throttles: 1 }),
  sendLateAgain: waits(refusedReplay),
  countDraining: aboveMax({ ...launching, images: 1 }),
  countIntents: aboveMax(launching),
  instructionInLease: never({ ...takeover, clockAheadMs: 1000 }),
  tagsDecideNothing: busy(misread),
  freshIds: busy(lateReport),
  growingIds: never(imageWhileIdle),
  followNewest: never(imageWhileIdle),
  neverGoBack: busy({ ...idle, timeouts: 1, images: 2 }),
  repeatReports: never({ ...idle, crashes: 1 }),
  tellAgain: never({ ...idle, timeouts: 1, images: 1 }),
  terminateInLease: busy(takeover),
  replayTerminates: never({ ...idle, crashes: 1 }),
  neverResumeDecided: busy(takeover),
  currentIdOnly: busy(lateReport),
  noDrainTimeout: busy(imageWhileIdle),
  hearingClock: reports({ ...idle, deafScalers: 1 }),
  replaceSilent: never({ ...idle, hungWorkers: 1 }),
  replaceNeverReported: never({ ...launching, hungWorkers: 1 }),
  releaseWhileDraining: busy(imageWhileIdle),
  finishStarted: busy(misread),
  stopWhenAbandoned: never({ ...idle, abandonments: 1 }),
  stopWhenTagsUnreadable: never({ ...idle, blindWorkers: 1 }),
};

const unneeded = { ...launching, releasesBoots: 1 };

/** Boots that are drained before or after their worker is up, and resumed or not. */
export const FLEET_BOOTS: readonly FleetBounds[] = [
  { ...unneeded, misreadDepths: 2, images: 1 },
  { ...unneeded, misreadDepths: 1, images: 1, lateReports: 1, crashes: 1 },
  { ...unneeded, misreadDepths: 1, timeouts: 1 },
  { ...unneeded, scalers: 2, misreadDepths: 1, stops: 1 },
];

/** Wider bounds than the cases, for --long: seconds to minutes each. */
export const FLEET_WIDE: readonly FleetBounds[] = [
  { ...passing, crashes: 2, images: 1, refusals: 1 },
  { ...passing, timeouts: 2, refusals: 1, crashes: 1 },
  { ...passing, scalers: 2, stops: 2, refusals: 1 },
  { ...passing, crashes: 2, throttles: 2, timeouts: 1 },
  { ...passing, crashes: 3, throttles: 1 },
  { ...launching, scalers: 2, lateToNotice: 1, stops: 1, images: 1, writesLost: 1 },
  { ...passing, scalers: 2, lateToNotice: 1, stops: 1 },
  { ...idle, scalers: 2, stops: 1, images: 2 },
  { ...idle, scalers: 2, stops: 2, images: 1 },
  { ...idle, scalers: 2, stops: 1, crashes: 1, images: 1, lateReports: 1 },
  { ...idle, images: 2, lateReports: 2, crashes: 1, misreadDepths: 1 },
  { ...idle, images: 1, hungWorkers: 1, deafScalers: 1, crashes: 1 },
  { ...idle, images: 1, blindWorkers: 1, lostWorkers: 1, crashes: 1 },
  { scalers: 1, maxWorkers: 2, firstImages: 2, crashes: 1, partialLaunches: 1 },
  { scalers: 2, maxWorkers: 2, firstImages: 2, stops: 1 },
  { scalers: 1, maxWorkers: 2, firstImages: 0, firstWorkers: 2, images: 1, crashes: 1 },
  { ...unneeded, misreadDepths: 2, crashes: 2 },
  { ...unneeded, maxWorkers: 2, misreadDepths: 1 },
];
