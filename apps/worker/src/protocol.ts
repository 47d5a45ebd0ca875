/** The pure functions that the request protocol is made of, for the model that explores it (tools/verification/protocol-model). */
export { isNoAttempt, settle, type Attempt, type Verdict } from './request/judge-outcome.ts';
