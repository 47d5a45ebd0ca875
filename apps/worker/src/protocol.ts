/** The pure functions of the request protocol, for the model that explores it (tools/verification/protocol-model). */
export {
  isNoAttempt,
  judgeOutcome,
  type AttemptOutcome,
  type Verdict,
} from './request/judge-outcome.ts';
