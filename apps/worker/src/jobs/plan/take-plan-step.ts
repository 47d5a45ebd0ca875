import { isDenied } from '@labelfleet/aws/errors';
import type { StoredJob } from '@labelfleet/contracts';
import { inPlace } from '../in-place.ts';
import type { HandlingEnds } from '../job-deps.ts';
import { afterPageStored, afterSourceRead, type PlanState, type PlanStep } from './plan-steps.ts';
import { readSource, unreadableSource, type SourceRead } from './read-source.ts';
import { sendChunks, type SendDeps } from './send-chunks.ts';

export interface PlanDeps extends SendDeps {
  /** How many images take about 20 s, 1 to 100. */
  chunkImages: () => number;
}

/** The steps that are one call to AWS. */
type Call = Exclude<PlanStep, { kind: 'end' | 'repair' | 'complete-job' }>;

/** A permission that was just given takes some seconds. */
const SOURCE_PATIENCE_MS = 30_000;

/** Returns a function that takes one step of a plan and resolves with the state after it. */
export function planStepTaker(
  id: string,
  ends: HandlingEnds,
  deps: PlanDeps,
): (step: Call, state: PlanState) => Promise<PlanState> {
  const { jobs, openBucket, log } = deps;

  return async (step, state) => {
    switch (step.kind) {
      case 'read-job':
        return { ...state, job: (await call(step, () => jobs.job(id))) ?? null };
      case 'read-summary':
        return { ...state, summary: (await call(step, () => jobs.summary(id))) ?? null };
      case 'read-plan':
        return { ...state, plan: (await call(step, () => jobs.plan(id))) ?? null };
      case 'find-last-page': {
        const numbers = await call(step, () => jobs.pageNumbers(id));
        return { ...state, lastPage: numbers.at(-1) ?? null };
      }
      case 'read-page': {
        const page = await call(step, () => jobs.page(id, step.page));
        if (page === undefined) throw new Error(`Page ${step.page} of the job ${id} is gone.`);
        return afterPageStored(state, page, false);
      }
      case 'send-chunks':
        await sendChunks(id, step, ends, deps);
        return { ...state, sent: (state.sent ?? 0) + step.chunks.length };
      case 'mark-page':
        await call(step, () => jobs.markPage(id, step.page, step.counts));
        return { ...state, marked: true };
      case 'read-stop':
        return { ...state, stop: (await call(step, () => jobs.stopOf(id))) ?? null };
      case 'read-source':
        return afterSourceRead(state, await readOn(jobOf(state), step));
      case 'store-stop': {
        const stop = await call(step, () => jobs.stop(id, step.stop));
        if (stop === step.stop) log.warn({ event: 'job.stopped', job: id, ...stop }, 'job stopped');
        return { ...state, stop };
      }
      case 'store-page': {
        const page = await call(step, () => jobs.storePage(id, step.page));
        const isNew = page === step.page;
        const { listed, cut } = page;
        log.info(
          { event: 'job.page-planned', job: id, page: page.page, isNew, listed, cut },
          'page of a job planned',
        );
        return afterPageStored(state, page, isNew);
      }
      case 'store-plan': {
        const plan = await call(step, () => jobs.storePlan(id, step.plan));
        log.info({ event: 'job.planned', job: id, ...plan }, 'job planned');
        return { ...state, plan, planned: true };
      }
    }
  };

  function call<T>({ kind }: PlanStep, make: () => Promise<T>): Promise<T> {
    return inPlace(kind, make, ends, deps);
  }

  async function readOn(
    job: StoredJob,
    { kind, position, room }: Extract<PlanStep, { kind: 'read-source' }>,
  ): Promise<SourceRead> {
    const { isTransient } = deps;
    const bucket = openBucket(job.source.bucket);
    const mayPass = (error: unknown) => isTransient(error) || isDenied(error);
    try {
      return await inPlace(
        kind,
        () => readSource(job, position, room, bucket),
        ends,
        { ...deps, isTransient: mayPass },
        SOURCE_PATIENCE_MS,
      );
    } catch (error) {
      const detail = unreadableSource(job, error, isTransient);
      const isOver = ends.signal.aborted || ends.lapsed();
      if (detail === undefined || isOver) throw error;
      log.warn({ event: 'job.source-unreadable', job: id, error }, 'source of a job unreadable');
      return { kind: 'unreadable', detail };
    }
  }
}

function jobOf({ job }: PlanState): StoredJob {
  if (job == null) throw new Error('The job was not read.');
  return job;
}
