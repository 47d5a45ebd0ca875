/** Pure functions for the model of the request protocol and for the fleet simulator (tools/verification). */
export {
  isNoAttempt,
  judgeOutcome,
  type AttemptOutcome,
  type Verdict,
} from './request/judge-outcome.ts';
export { imagesPerMs, messagesToReceive, nextMeanMs } from './receive/receive-ahead.ts';

/** The steps of jobs: each is one call to AWS, except that `read-part-summaries` reads the summaries of a page. */
export {
  isJobDone,
  missingChunks,
  nextCompletionStep,
  stopForBudget,
  type CompletionState,
  type CompletionStep,
} from './jobs/complete/completion-steps.ts';
export {
  afterPageStored,
  afterSourceRead,
  nextPlanStep,
  type PlanState,
  type PlanStep,
} from './jobs/plan/plan-steps.ts';
export {
  afterPageDone,
  afterPageRead,
  afterResent,
  nextRepairStep,
  type RepairState,
  type RepairStep,
} from './jobs/plan/repair-steps.ts';
