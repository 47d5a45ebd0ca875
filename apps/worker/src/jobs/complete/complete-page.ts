import {
  addCounts,
  encodeWebhookMessage,
  NO_COUNTS,
  type JobCounts,
  type JobPage,
  type StoredJob,
} from '@labelfleet/contracts';
import { PartStore } from '@labelfleet/jobs';
import { inPlace } from '../in-place.ts';
import type { HandlingEnds, JobDeps } from '../job-deps.ts';
import {
  nextCompletionStep,
  type CompletionState,
  type CompletionStep,
} from './completion-steps.ts';

export interface Completion {
  /**
   * To be called after a part of the page was stored or found: completes the page, and the job, if nothing is missing
   * (J4, J5). Rejects when calls to AWS fail for longer than they are repeated in place. A repeat continues.
   * @param ends ends the repeats, not the steps, which take a second
   */
  pageTouched(job: StoredJob, page: JobPage, ends?: HandlingEnds): Promise<void>;
  /** Completes what is known so far. */
  complete(known: CompletionState, ends?: HandlingEnds): Promise<void>;
}

const NEVER: HandlingEnds = { signal: new AbortController().signal, lapsed: () => false };

export function createCompletion(deps: JobDeps): Completion {
  return {
    pageTouched: (job, page, ends) => complete({ job, page }, ends),
    complete,
  };

  async function complete(known: CompletionState, ends = NEVER): Promise<void> {
    const take = stepTaker(known.job, deps);
    for (let state = known; ;) {
      const step = nextCompletionStep(state, deps.clock.unixMs());
      if (step.kind === 'end') return;
      const found = await inPlace(step.kind, () => take(step, state), ends, deps);
      if (found === 'completed') return;
      state = { ...state, ...found };
    }
  }
}

/** Returns a function that takes one step and resolves with what is known by it. */
function stepTaker(job: StoredJob, { jobs, openBucket, webhooks, log }: JobDeps) {
  const parts = new PartStore(job, openBucket);
  const { id } = job;

  return async (
    step: Exclude<CompletionStep, { kind: 'end' }>,
    { page, plan }: CompletionState,
  ): Promise<Partial<CompletionState> | 'completed'> => {
    switch (step.kind) {
      case 'list-parts':
        return { parts: await parts.chunksOfPage(numberOf(page)) };
      case 'read-part-summaries':
        return { counts: await addParts(parts, numberOf(page), step.chunks) };
      case 'mark-page': {
        const number = numberOf(page);
        await jobs.markPage(id, number, step.counts);
        log.info(
          { event: 'job.page-completed', job: id, page: number, ...step.counts },
          'page of a job completed',
        );
        return { marked: true };
      }
      case 'read-plan':
        return { plan: (await jobs.plan(id)) ?? null };
      case 'list-markers':
        return { done: await jobs.donePages(id) };
      case 'store-stop': {
        const stop = await jobs.stop(id, step.stop);
        if (stop === step.stop) log.warn({ event: 'job.stopped', job: id, ...stop }, 'job stopped');
        return { stop };
      }
      case 'read-stop':
        return { stop: (await jobs.stopOf(id)) ?? null };
      case 'store-summary': {
        const summary = await jobs.storeSummary(step.summary);
        const summaryIsNew = summary === step.summary;
        if (summaryIsNew)
          log.info({ event: 'job.completed', job: id, plan, ...summary }, 'job completed');
        return { summary, summaryIsNew };
      }
      case 'read-active-marker':
        return { active: await jobs.isActive(id) };
      case 'send-webhook': {
        const message = { v: 1, type: 'job.completed', id, receiver: step.receiver } as const;
        if (webhooks === undefined)
          log.error(
            { event: 'webhook.not-sent', webhook: message },
            'webhook message not sent: WEBHOOK_QUEUE_URL is not set',
          );
        else await webhooks.send({ body: encodeWebhookMessage(message) });
        return { notified: true };
      }
      case 'delete-active-marker':
        await jobs.endActive(id);
        return 'completed';
    }
  };
}

function numberOf(page: JobPage | undefined): number {
  if (page === undefined) throw new Error('No page is to be completed.');
  return page.page;
}

/** Summaries that are read at the same time. */
const READS_AT_ONCE = 20;

async function addParts(parts: PartStore, page: number, chunks: number): Promise<JobCounts> {
  let total = NO_COUNTS;
  for (let first = 0; first < chunks; first += READS_AT_ONCE) {
    const length = Math.min(READS_AT_ONCE, chunks - first);
    const reads = Array.from({ length }, (_, index) => parts.summary(page, first + index));
    for (const summary of await Promise.all(reads)) total = addCounts(total, summary);
  }
  return total;
}
