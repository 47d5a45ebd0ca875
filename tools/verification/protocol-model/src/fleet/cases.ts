import type { FleetRule } from './rules.ts';
import type { FleetBounds } from './state.ts';

/** One scaler and an image that needs a launch. */
const launching: FleetBounds = { scalers: 1, maxWorkers: 1, firstImages: 1, faults: {} };
/** One scaler and an idle worker. */
const idle: FleetBounds = { ...launching, firstImages: 0, firstWorkers: 1 };

const crash = { ...launching, faults: { crashes: 1 } };
const image = { ...launching, faults: { images: 1 } };
const imageWhileIdle = { ...idle, faults: { images: 1 } };
const misread = { ...idle, faults: { images: 1, misreadDepths: 1 } };
const lateReport = { ...idle, faults: { images: 2, lateReports: 1, crashes: 1 } };
const takeover = { ...idle, scalers: 2 as const, faults: { stops: 1, images: 1 } };
const refusedReplay = {
  ...launching,
  scalers: 2 as const,
  minutesPass: true,
  faults: { stops: 1, refusals: 1 },
};

const ABOVE_MAX = /above max/;
const BUSY = /terminated by scale-in while it was busy/;
const HEARD = /terminated as silent, and it reports/;
const NEVER = /never again/;
const STILL_COUNTED = /still counted 33 min after it was written down/;
const WAITS = /an image waits for 15 min, and nothing is sent/;

/** The case of a rule: bounds in which its omission causes a violation, and that violation. */
export const FLEET_CASES: Readonly<Record<FleetRule, { bounds: FleetBounds; breaks: RegExp }>> = {
  onlyIfMatch: {
    bounds: { ...launching, scalers: 2, lateToNotice: true, faults: { stops: 1 } },
    breaks: ABOVE_MAX,
  },
  nonce: { bounds: { ...launching, faults: { writesLost: 1, crashes: 1 } }, breaks: ABOVE_MAX },
  oneTry: { bounds: refusedReplay, breaks: ABOVE_MAX },
  standbyIsDeaf: { bounds: { ...idle, scalers: 2 }, breaks: HEARD },
  intentFirst: { bounds: crash, breaks: ABOVE_MAX },
  sendSoon: {
    bounds: { ...launching, minutesPass: true, faults: { timeouts: 1 } },
    breaks: ABOVE_MAX,
  },
  keepIntent: { bounds: launching, breaks: ABOVE_MAX },
  sameToken: { bounds: crash, breaks: ABOVE_MAX },
  countRefusedReplay: { bounds: refusedReplay, breaks: ABOVE_MAX },
  ownClock: { bounds: { ...refusedReplay, clockAheadMs: -1_800_000 }, breaks: ABOVE_MAX },
  ageGoesOn: {
    bounds: { ...launching, minutesPass: true, faults: { crashes: 2, throttles: 1 } },
    breaks: STILL_COUNTED,
  },
  sendLateAgain: { bounds: refusedReplay, breaks: WAITS },
  countDraining: { bounds: image, breaks: ABOVE_MAX },
  countIntents: { bounds: launching, breaks: ABOVE_MAX },
  instructionInLease: { bounds: { ...takeover, clockAheadMs: 1000 }, breaks: NEVER },
  tagsDecideNothing: { bounds: misread, breaks: BUSY },
  freshIds: { bounds: lateReport, breaks: BUSY },
  growingIds: { bounds: imageWhileIdle, breaks: NEVER },
  followNewest: { bounds: imageWhileIdle, breaks: NEVER },
  neverGoBack: { bounds: { ...idle, faults: { timeouts: 1, images: 2 } }, breaks: BUSY },
  repeatReports: { bounds: { ...idle, faults: { crashes: 1 } }, breaks: NEVER },
  tellAgain: { bounds: { ...idle, faults: { timeouts: 1, images: 1 } }, breaks: NEVER },
  terminateInLease: { bounds: takeover, breaks: BUSY },
  replayTerminates: { bounds: { ...idle, faults: { crashes: 1 } }, breaks: NEVER },
  neverResumeDecided: { bounds: takeover, breaks: BUSY },
  currentIdOnly: { bounds: lateReport, breaks: BUSY },
  noDrainTimeout: { bounds: imageWhileIdle, breaks: BUSY },
  hearingClock: { bounds: { ...idle, faults: { deafScalers: 1 } }, breaks: HEARD },
  replaceSilent: { bounds: { ...idle, faults: { hungWorkers: 1 } }, breaks: NEVER },
  replaceNeverReported: { bounds: { ...launching, faults: { hungWorkers: 1 } }, breaks: NEVER },
  releaseWhileDraining: { bounds: imageWhileIdle, breaks: BUSY },
  finishStarted: { bounds: misread, breaks: BUSY },
  stopWhenAbandoned: { bounds: { ...idle, faults: { abandonments: 1 } }, breaks: NEVER },
  stopWhenTagsUnreadable: { bounds: { ...idle, faults: { blindWorkers: 1 } }, breaks: NEVER },
};

const unneeded = { ...launching, releasesBoots: true };

/** Boots that are drained before or after their worker is up, and resumed or not. */
export const FLEET_BOOTS: readonly FleetBounds[] = [
  { ...unneeded, faults: { misreadDepths: 2, images: 1 } },
  { ...unneeded, faults: { misreadDepths: 1, images: 1, lateReports: 1, crashes: 1 } },
  { ...unneeded, faults: { misreadDepths: 1, timeouts: 1 } },
  { ...unneeded, scalers: 2, faults: { misreadDepths: 1, stops: 1 } },
];
