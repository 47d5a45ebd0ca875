import type { RequestRule } from './rules.ts';
import type { RequestBounds } from './state.ts';

const small: RequestBounds = {
  image: 'good',
  gateways: 1,
  workers: 2,
  mostReceives: 6,
  faults: {},
};

/** The case of a rule: bounds in which its omission causes a violation, and that violation. */
export const REQUEST_CASES: Readonly<
  Record<RequestRule, { bounds: RequestBounds; breaks: RegExp }>
> = {
  acceptedWhenAcknowledged: {
    bounds: { ...small, faults: { gatewayCrashes: 1 } },
    breaks: /never again/,
  },
  writeOnce: {
    bounds: { ...small, faults: { deadlines: 1, lapses: 1 } },
    breaks: /two different answers|not stored/,
  },
  storeBeforeReply: { bounds: small, breaks: /answered what is not stored: label/ },
  storeBeforeDelete: { bounds: { ...small, faults: { kills: 1 } }, breaks: /never again/ },
  lookFirst: {
    bounds: { ...small, faults: { kills: 1 } },
    breaks: /started again after its result was stored/,
  },
  recordAttempts: {
    bounds: { ...small, image: 'deadly', mostReceives: 8 },
    breaks: /5 attempts/,
  },
  compareAndSet: {
    bounds: { ...small, image: 'deadly', mostReceives: 8, faults: { duplicates: 2 } },
    breaks: /5 attempts/,
  },
  nonce: {
    bounds: { ...small, faults: { kills: 3, recordRepliesLost: 1 } },
    breaks: /attempts-exhausted after 2 recorded/,
  },
  alone: {
    bounds: { ...small, faults: { neighbourDeaths: 4 } },
    breaks: /attempts-exhausted after 0 recorded/,
  },
  waitForLastAttempt: {
    bounds: { ...small, workers: 4, faults: { kills: 3, duplicates: 1 } },
    breaks: /attempts-exhausted after 2 recorded/,
  },
  outageIsNoAttempt: {
    bounds: { ...small, faults: { outages: 4 } },
    breaks: /attempts-exhausted after 0 recorded/,
  },
  withdrawnIsNoAttempt: {
    bounds: { ...small, faults: { drainDeadlines: 4 } },
    breaks: /attempts-exhausted after 0 recorded/,
  },
  cutHungInference: { bounds: { ...small, image: 'hanging' }, breaks: /never again/ },
  keepInvisible: {
    bounds: { ...small, workers: 5 },
    breaks: /attempts-exhausted after 0 recorded/,
  },
  noAttemptAfterLapse: {
    bounds: { ...small, image: 'deadly', faults: { lapses: 1 } },
    breaks: /attempts-exhausted after 2 recorded/,
  },
  markResent: {
    bounds: { ...small, image: 'deadly', faults: { gatewayCrashes: 1 } },
    breaks: /5 attempts/,
  },
  noHiddenRetry: {
    bounds: { ...small, image: 'deadly', faults: { sendRepliesLost: 1 } },
    breaks: /5 attempts/,
  },
  deadLetterWatch: {
    bounds: { ...small, mostReceives: 2, faults: { releases: 2 } },
    breaks: /never again/,
  },
  resendWithAttemptsLeft: {
    bounds: { ...small, mostReceives: 2, faults: { releases: 2 } },
    breaks: /attempts-exhausted after 0 recorded/,
  },
  sendBeforeDelete: {
    bounds: { ...small, mostReceives: 2, faults: { releases: 2, watchCrashes: 1 } },
    breaks: /never again/,
  },
  missingImageIsTerminal: {
    bounds: { ...small, mostReceives: 3, faults: { imagesRemoved: 1 } },
    breaks: /never again/,
  },
  claimOnce: { bounds: { ...small, gateways: 2 }, breaks: /2 requests of one idempotency key/ },
  repeatWaits: { bounds: { ...small, gateways: 2 }, breaks: /2 messages from 1 sender/ },
  repeatTakesOver: {
    bounds: { ...small, gateways: 2, faults: { gatewayCrashes: 2 } },
    breaks: /never again/,
  },
  takeOverOnce: {
    bounds: { ...small, gateways: 3, faults: { gatewayCrashes: 1 } },
    breaks: /3 messages from 2 senders/,
  },
  markSent: { bounds: { ...small, gateways: 2 }, breaks: /2 messages from 1 sender/ },
  imageBeforeSend: { bounds: small, breaks: /image-missing for an image that nobody removed/ },
  waiterLooks: { bounds: { ...small, faults: { repliesLost: 1 } }, breaks: /never again/ },
  sweep: {
    bounds: { ...small, faults: { purges: 1, earlySweeps: 1 } },
    breaks: /never again/,
  },
};
