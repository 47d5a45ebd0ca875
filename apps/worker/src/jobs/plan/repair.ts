import type { JobPlan, StoredJob } from '@labelfleet/contracts';
import { PartStore } from '@labelfleet/jobs';
import type { Completion } from '../complete/complete-page.ts';
import { inPlace } from '../in-place.ts';
import type { HandlingEnds } from '../job-deps.ts';
import {
  afterPageDone,
  afterPageRead,
  afterResent,
  nextRepairStep,
  type RepairState,
} from './repair-steps.ts';
import { sendChunks, type SendDeps } from './send-chunks.ts';

/**
 * Sends a message for every chunk that has no part, and makes missing markers (J8): whatever was lost, the job can be
 * completed afterwards.
 */
export async function repair(
  job: StoredJob,
  plan: JobPlan,
  context: {
    ends: HandlingEnds;
    isOver: () => boolean;
    completion: Completion;
    deps: SendDeps;
  },
): Promise<'done' | 'released'> {
  const { ends, isOver, completion, deps } = context;
  const { jobs, log } = deps;
  const { id } = job;
  const parts = new PartStore(job, deps.openBucket);
  const call = <T>(step: { kind: string }, make: () => Promise<T>) =>
    inPlace(step.kind, make, ends, deps);
  let resent = 0;
  for (let state: RepairState = { plan, from: 0 }; ;) {
    if (isOver()) return 'released';
    const step = nextRepairStep(state);
    switch (step.kind) {
      case 'list-markers': {
        const done = await call(step, () => jobs.donePages(id));
        state = { ...state, done: new Set(done.keys()) };
        break;
      }
      case 'read-page': {
        const page = await call(step, () => jobs.page(id, step.page));
        if (page === undefined) throw new Error(`Page ${step.page} of the job ${id} is gone.`);
        state = afterPageRead(state, page);
        break;
      }
      case 'list-parts':
        state = { ...state, provided: await call(step, () => parts.chunksOfPage(step.page.page)) };
        break;
      case 'send-chunks':
        await sendChunks(id, step, ends, deps);
        resent += step.chunks.length;
        state = afterResent(state, step.chunks);
        break;
      case 'complete-page':
        await completion.complete({ job, plan, page: step.page, parts: step.parts }, ends);
        state = afterPageDone(state);
        break;
      case 'complete-job':
        await completion.complete({ job, plan }, ends);
        log.info({ event: 'job.repaired', job: id, resent }, 'job repaired');
        return 'done';
    }
  }
}
