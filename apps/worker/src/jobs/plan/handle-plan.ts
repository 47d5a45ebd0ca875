import type { Queue } from '@labelfleet/aws/queue';
import type { JobDeps } from '../job-deps.ts';

export interface PlanDeps extends JobDeps {
  batchQueue: Pick<Queue, 'send'>;
  /** How many images take about 20 s, 1 to 100. */
  chunkImages: () => number;
}

/**
 * Handles the plan message of a job. `released`: the signal was aborted or the visibility lapsed before the end.
 * Rejects when calls to AWS fail for longer than they are repeated in place. Both lose nothing: another handling
 * continues.
 */
export type HandlePlan = (
  job: string,
  signal: AbortSignal,
  lapsed: () => boolean,
) => Promise<'done' | 'released'>;

export function createPlanHandler(deps: PlanDeps): HandlePlan {
  void deps;
  return () => Promise.reject(new Error('not written yet'));
}
