/** Pure functions for the model of the request protocol and for the fleet simulator (tools/verification). */
export {
  isNoAttempt,
  judgeOutcome,
  type AttemptOutcome,
  type Verdict,
} from './request/judge-outcome.ts';
export { imagesPerMs, messagesToReceive, nextMeanMs } from './receive/receive-ahead.ts';
