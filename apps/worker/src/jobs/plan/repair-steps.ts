import type { JobPage, JobPlan } from '@labelfleet/contracts';
import { missingChunks } from '../complete/completion-steps.ts';
import { someOf } from './plan-steps.ts';

/** What is known of a job whose plan is stored, while what is missing is looked for. At most one page is held. */
export interface RepairState {
  readonly plan: JobPlan;
  /** The pages that have a marker. */
  readonly done?: ReadonlySet<number>;
  /** Pages before this one need nothing more. */
  readonly from: number;
  readonly page?: JobPage;
  /** The chunks of the page that have a part, or whose message is sent again. */
  readonly provided?: ReadonlySet<number>;
}

/** One call to AWS, or who goes on. */
export type RepairStep =
  | { kind: 'list-markers' }
  | { kind: 'read-page'; page: number }
  | { kind: 'list-parts'; page: JobPage }
  | { kind: 'send-chunks'; page: JobPage; chunks: number[]; resent: true }
  /** Each chunk has its part: mark the page, and check whether the job is completed. */
  | { kind: 'complete-page'; page: JobPage; parts: ReadonlySet<number> }
  /** Every page was looked at. */
  | { kind: 'complete-job' };

/** What to do next to repair a job (J8). */
export function nextRepairStep({ plan, done, from, page, provided }: RepairState): RepairStep {
  if (done === undefined) return { kind: 'list-markers' };
  let number = from;
  while (number < plan.pages && done.has(number)) number++;
  if (number >= plan.pages) return { kind: 'complete-job' };
  if (page?.page !== number) return { kind: 'read-page', page: number };
  if (provided === undefined) return { kind: 'list-parts', page };
  const missing = missingChunks(page, provided);
  return missing.length === 0
    ? { kind: 'complete-page', page, parts: provided }
    : { kind: 'send-chunks', page, chunks: someOf(missing), resent: true };
}

/** The state after a page was read. */
export const afterPageRead = ({ plan, done }: RepairState, page: JobPage): RepairState => ({
  plan,
  ...(done && { done }),
  from: page.page,
  page,
});

/** The state after chunk messages were sent again. */
export function afterResent(state: RepairState, chunks: readonly number[]): RepairState {
  const { page, provided } = state;
  const all = new Set([...(provided ?? []), ...chunks]);
  // Their parts are not there yet, so the page cannot be completed now.
  const isLast = page !== undefined && missingChunks(page, all).length === 0;
  return isLast ? afterPageDone(state) : { ...state, provided: all };
}

/** The state after a page that needs nothing more. */
export const afterPageDone = ({ plan, done, page, from }: RepairState): RepairState => ({
  plan,
  ...(done && { done }),
  from: (page?.page ?? from) + 1,
});
