import {
  addCounts,
  chunksOf,
  NO_COUNTS,
  summarizeJob,
  type JobCounts,
  type JobPage,
  type JobPlan,
  type JobStop,
  type JobSummary,
  type StoredJob,
} from '@labelfleet/contracts';

/**
 * What is known of a page and its job on the way to their completion. Absent: not read yet; null: it does not exist.
 * Everything is written once, so what was found stays true.
 */
export interface CompletionState {
  readonly job: StoredJob;
  /** The page to complete. Absent: only the job. */
  readonly page?: JobPage;
  /** The chunks of the page that have a part. */
  readonly parts?: ReadonlySet<number>;
  /** What the parts of the page add up to. */
  readonly counts?: JobCounts;
  /** The page has its marker. */
  readonly marked?: true;
  readonly plan?: JobPlan | null;
  /** The pages that have a marker. */
  readonly done?: ReadonlyMap<number, JobCounts>;
  readonly stop?: JobStop | null;
  readonly summary?: JobSummary;
  /** False: the summary was found, so it may be long ago that the job was completed. */
  readonly summaryIsNew?: boolean;
  readonly active?: boolean;
  readonly notified?: true;
}

/** One call to AWS, or the end. */
export type CompletionStep =
  | { kind: 'list-parts' }
  | { kind: 'read-part-summaries'; chunks: number }
  | { kind: 'mark-page'; counts: JobCounts }
  | { kind: 'read-plan' }
  | { kind: 'list-markers' }
  | { kind: 'store-stop'; stop: JobStop }
  | { kind: 'read-stop' }
  | { kind: 'store-summary'; summary: JobSummary }
  | { kind: 'read-active-marker' }
  | { kind: 'send-webhook'; receiver: string }
  | { kind: 'delete-active-marker' }
  | { kind: 'end' };

const END: CompletionStep = { kind: 'end' };

/**
 * What to do next to complete a page (J4) and then its job (J5).
 * @param now Unix milliseconds
 */
export function nextCompletionStep(state: CompletionState, now: number): CompletionStep {
  if (state.summary !== undefined) return afterSummary(state, state.summary);
  if (state.page !== undefined && state.marked === undefined) return markPage(state, state.page);
  return completeJob(state, now);
}

function markPage({ parts, counts }: CompletionState, page: JobPage): CompletionStep {
  if (parts === undefined) return { kind: 'list-parts' };
  if (missingChunks(page, parts).length > 0) return END;
  if (counts === undefined) return { kind: 'read-part-summaries', chunks: chunksOf(page) };
  return { kind: 'mark-page', counts };
}

/** The marker or the plan was put before: whoever puts the last of them finds all of them. */
function completeJob(state: CompletionState, now: number): CompletionStep {
  const { job, plan, done, stop } = state;
  if (plan === undefined) return { kind: 'read-plan' };
  if (plan === null && job.maxCostUsd === undefined) return END;
  if (done === undefined) return { kind: 'list-markers' };
  if (plan === null || !isJobDone(plan, done)) {
    const overBudget = stop === undefined ? stopForBudget(job, done.values(), now) : undefined;
    return overBudget === undefined ? END : { kind: 'store-stop', stop: overBudget };
  }
  if (stop === undefined) return { kind: 'read-stop' };
  const counts = [...done.values()].reduce(addCounts, NO_COUNTS);
  const summary = summarizeJob(job, plan, counts, stop ?? undefined, at(now));
  return { kind: 'store-summary', summary };
}

/** A job with a summary and no active marker is completed: a late repeat sends no further webhook message. */
function afterSummary(state: CompletionState, { id }: JobSummary): CompletionStep {
  const { job, summaryIsNew, active, notified } = state;
  if (id !== job.id) throw new Error(`The summary of ${job.id} is of ${id}.`);
  if (summaryIsNew !== true && active === undefined) return { kind: 'read-active-marker' };
  if (active === false) return END;
  if (job.notify !== undefined && notified === undefined)
    return { kind: 'send-webhook', receiver: job.notify };
  return { kind: 'delete-active-marker' };
}

/** The chunks of a page that have no part. */
export const missingChunks = (
  page: Pick<JobPage, 'images' | 'chunkImages'>,
  parts: ReadonlySet<number>,
): number[] =>
  Array.from({ length: chunksOf(page) }, (_, chunk) => chunk).filter((chunk) => !parts.has(chunk));

/** @param done the pages that have a marker */
export const isJobDone = (
  { pages }: Pick<JobPlan, 'pages'>,
  done: Pick<ReadonlyMap<number, unknown>, 'size'>,
): boolean => done.size >= pages;

const NANO = 1e9;

/**
 * The stop of a job that has cost its maximum; undefined if it may go on. Parts without a price count as nothing.
 * @param counts of the pages that are done
 * @param now Unix milliseconds
 */
export function stopForBudget(
  { maxCostUsd }: Pick<StoredJob, 'maxCostUsd'>,
  counts: Iterable<Pick<JobCounts, 'nanoUsd'>>,
  now: number,
): JobStop | undefined {
  if (maxCostUsd === undefined) return undefined;
  let spent = 0;
  for (const { nanoUsd } of counts) spent += (nanoUsd ?? 0) / NANO;
  if (spent < maxCostUsd) return undefined;
  const detail = `The job has cost ${spent.toFixed(4)} USD; its maxCostUsd is ${maxCostUsd}. What is done stays done. Start a new job for the rest, with a higher maxCostUsd.`;
  return { v: 1, reason: 'budget', detail, at: at(now) };
}

const at = (unixMs: number) => new Date(unixMs).toISOString();
