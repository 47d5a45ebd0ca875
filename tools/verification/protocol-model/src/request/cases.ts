import type { Cases } from '../cases.ts';
import type { RequestRule } from './rules.ts';
import type { RequestBounds } from './state.ts';

const small = { image: 'good', gateways: 1, workers: 2, mostReceives: 6 } as const;
const within = (bounds: Partial<RequestBounds>): RequestBounds => ({ ...small, ...bounds });
const deadly = (bounds: Partial<RequestBounds>) =>
  within({ image: 'deadly', mostReceives: 8, ...bounds });

const breaks = (violation: RegExp) => (bounds: Partial<RequestBounds>) => ({
  bounds: within(bounds),
  breaks: violation,
});
const neverAgain = breaks(/never again/);
const fiveAttempts = breaks(/5 attempts/);
const exhaustedAfter = (recorded: number, bounds: Partial<RequestBounds>) =>
  breaks(new RegExp(`attempts-exhausted after ${recorded} recorded`))(bounds);

export const REQUEST_CASES: Cases<RequestRule, RequestBounds> = {
  acceptedWhenAcknowledged: neverAgain({ gatewayCrashes: 1 }),
  writeOnce: breaks(/two different answers|not stored/)({ deadlines: 1, lapses: 1 }),
  storeBeforeReply: breaks(/answered what is not stored: label/)({}),
  storeBeforeDelete: neverAgain({ kills: 1 }),
  lookFirst: breaks(/started again after its result was stored/)({ kills: 1 }),
  recordAttempts: fiveAttempts({ image: 'deadly', mostReceives: 8 }),
  compareAndSet: fiveAttempts({ image: 'deadly', mostReceives: 8, duplicates: 2 }),
  nonce: exhaustedAfter(2, { kills: 3, recordRepliesLost: 1 }),
  alone: exhaustedAfter(0, { neighbourDeaths: 4 }),
  waitForLastAttempt: exhaustedAfter(2, { workers: 4, kills: 3, duplicates: 1 }),
  outageIsNoAttempt: exhaustedAfter(0, { outages: 4 }),
  withdrawnIsNoAttempt: exhaustedAfter(0, { drainDeadlines: 4 }),
  cutHungInference: neverAgain({ image: 'hanging' }),
  keepInvisible: exhaustedAfter(0, { workers: 5 }),
  noAttemptAfterLapse: exhaustedAfter(2, { image: 'deadly', lapses: 1 }),
  markResent: fiveAttempts({ image: 'deadly', gatewayCrashes: 1 }),
  noHiddenRetry: fiveAttempts({ image: 'deadly', sendRepliesLost: 1 }),
  deadLetterWatch: neverAgain({ mostReceives: 2, releases: 2 }),
  resendWithAttemptsLeft: exhaustedAfter(0, { mostReceives: 2, releases: 2 }),
  sendBeforeDelete: neverAgain({ mostReceives: 2, releases: 2, watchCrashes: 1 }),
  missingImageIsTerminal: neverAgain({ mostReceives: 3, imagesRemoved: 1 }),
  claimOnce: breaks(/2 requests of one idempotency key/)({ gateways: 2 }),
  repeatWaits: breaks(/2 messages from 1 sender/)({ gateways: 2 }),
  repeatTakesOver: neverAgain({ gateways: 2, gatewayCrashes: 2 }),
  takeOverOnce: breaks(/3 messages from 2 senders/)({ gateways: 3, gatewayCrashes: 1 }),
  markSent: breaks(/2 messages from 1 sender/)({ gateways: 2 }),
  imageBeforeSend: breaks(/image-missing for an image that nobody removed/)({}),
  waiterLooks: neverAgain({ repliesLost: 1 }),
  sweep: neverAgain({ purges: 1, earlySweeps: 1 }),
  cancelStored: breaks(/two different answers|not stored/)({ cancels: 1 }),
};

/** Wider bounds than the cases, for --long: seconds each. */
export const REQUEST_WIDE: readonly RequestBounds[] = [
  within({ kills: 2, lapses: 1, duplicates: 1 }),
  within({ kills: 3, repliesLost: 1, deadlines: 1, drainDeadlines: 1 }),
  within({ kills: 1, lapses: 1, deadlines: 1, cancels: 2 }),
  within({ gatewayCrashes: 1, sendRepliesLost: 1, kills: 1 }),
  within({ gateways: 2, gatewayCrashes: 1 }),
  deadly({ lapses: 1, duplicates: 1 }),
  deadly({ purges: 2, earlySweeps: 1, lapses: 1 }),
  within({ purges: 2, earlySweeps: 1, kills: 1, deadlines: 1 }),
  within({ gateways: 2, purges: 1 }),
  within({ mostReceives: 2, releases: 3, watchCrashes: 1, kills: 1 }),
  within({ kills: 1, lapses: 2, lateExtensions: 1, lateReleases: 1, lateDeletes: 1 }),
  deadly({ lapses: 1, lateExtensions: 2, lateReleases: 1, duplicates: 1 }),
];
