import type { HandlingEnds } from '../job-deps.ts';
import { createCompletion, type Completion } from '../complete/complete-page.ts';
import { nextPlanStep, type PlanState } from './plan-steps.ts';
import { repair } from './repair.ts';
import { planStepTaker, type PlanDeps } from './take-plan-step.ts';

export type { PlanDeps } from './take-plan-step.ts';

/**
 * Handles the plan message of a job (J2, J7, J8). `released`: the signal was aborted or the visibility lapsed before
 * the end. Rejects when calls to AWS fail for longer than they are repeated in place. Nothing is lost by either: the
 * next handling continues after the last stored page.
 */
export type HandlePlan = (
  job: string,
  signal: AbortSignal,
  lapsed: () => boolean,
) => Promise<'done' | 'released'>;

export function createPlanHandler(deps: PlanDeps): HandlePlan {
  const completion = createCompletion(deps);
  return async (job, signal, lapsed) => {
    const ends = { signal, lapsed };
    try {
      return await plan(job, ends, completion, deps);
    } catch (error) {
      if (!isOver(ends)) throw error;
      deps.log.warn({ event: 'job.plan-interrupted', job, error }, 'plan of a job interrupted');
      return 'released';
    }
  };
}

const isOver = ({ signal, lapsed }: HandlingEnds): boolean => signal.aborted || lapsed();

async function plan(
  id: string,
  ends: HandlingEnds,
  completion: Completion,
  deps: PlanDeps,
): Promise<'done' | 'released'> {
  const { chunkImages, clock } = deps;
  const take = planStepTaker(id, ends, deps);
  for (let state: PlanState = {}; ;) {
    if (isOver(ends)) return 'released';
    const step = nextPlanStep(state, { chunkImages: chunkImages(), now: clock.unixMs() });
    if (step.kind === 'end') return 'done';
    if (step.kind === 'repair')
      return repair(step.job, step.plan, { ends, isOver: () => isOver(ends), completion, deps });
    if (step.kind === 'complete-job') {
      await completion.complete(step.known, ends);
      return 'done';
    }
    state = await take(step, state);
  }
}
