import {
  chunksOf,
  MAX_PAGE_IMAGES,
  NO_COUNTS,
  type JobCounts,
  type JobPage,
  type JobPlan,
  type JobSource,
  type JobStop,
  type JobSummary,
  type PageImage,
  type SourcePosition,
  type StoredJob,
} from '@labelfleet/contracts';
import type { CompletionState } from '../complete/completion-steps.ts';
import type { SourceRead } from './read-source.ts';

/** What was read of the source for the next page. */
interface Listing {
  readonly images: readonly PageImage[];
  /** Of the images whose size the source names. */
  readonly bytes: number;
  readonly calls: number;
  /** Null: the end of the source. */
  readonly next: SourcePosition | null;
}

/**
 * What a handler of a plan message knows of its job. Absent: not read yet; null: it does not exist. At most two pages
 * are held, the last stored one and the next. What was found stays true, because everything is written once.
 */
export interface PlanState {
  readonly job?: StoredJob | null;
  readonly summary?: JobSummary | null;
  readonly plan?: JobPlan | null;
  /** This handler has listed what was left. */
  readonly planned?: true;
  /** Number of the last page that was stored before. */
  readonly lastPage?: number | null;
  /** The last stored page. */
  readonly page?: JobPage;
  /** This handler stored the page, so its chunk messages were never sent. */
  readonly isNewPage?: boolean;
  /** How many of its chunk messages are sent. */
  readonly sent?: number;
  /** The page has its marker. */
  readonly marked?: true;
  /** Read after the page was done. */
  readonly stop?: JobStop | null;
  readonly listing?: Listing;
  /** Why the source cannot be read. */
  readonly unreadable?: string;
}

/** One call to AWS, or who goes on. */
export type PlanStep =
  | { kind: 'read-job' }
  | { kind: 'read-summary' }
  | { kind: 'read-plan' }
  | { kind: 'find-last-page' }
  | { kind: 'read-page'; page: number }
  /** One call for all. */
  | { kind: 'send-chunks'; page: JobPage; chunks: number[]; resent: boolean }
  | { kind: 'mark-page'; page: number; counts: JobCounts }
  | { kind: 'read-stop' }
  | { kind: 'read-source'; position: SourcePosition; room: number }
  | { kind: 'store-stop'; stop: JobStop }
  | { kind: 'store-page'; page: JobPage }
  | { kind: 'store-plan'; plan: JobPlan }
  /** The plan was stored before: find what is missing. */
  | { kind: 'repair'; job: StoredJob; plan: JobPlan }
  /** Nothing is left to send: complete the job if every page is done, or do what comes after its summary (J5). */
  | { kind: 'complete-job'; known: CompletionState }
  | { kind: 'end' };

/** As many messages as SQS takes in one call. */
const MESSAGES_OF_CALL = 10;
/** A page with so many images is not filled further. */
const ENOUGH_IMAGES = MAX_PAGE_IMAGES / 2;
/** A page may stay empty, so that what was read is not lost in a crash. */
const MAX_CALLS_OF_PAGE = 10;

/** What to do next with a plan message (J2, J7). */
export function nextPlanStep(
  state: PlanState,
  {
    chunkImages,
    now,
  }: { /** 1 to 100. */ chunkImages: number; /** Unix milliseconds. */ now: number },
): PlanStep {
  const { job, summary, plan, page } = state;
  if (job === undefined) return { kind: 'read-job' };
  if (job === null) return { kind: 'end' };
  if (summary === undefined) return { kind: 'read-summary' };
  if (summary !== null) return { kind: 'complete-job', known: { job, summary } };
  if (plan === undefined) return { kind: 'read-plan' };
  if (plan !== null)
    return state.planned
      ? { kind: 'complete-job', known: { job, plan } }
      : { kind: 'repair', job, plan };
  if (state.lastPage === undefined) return { kind: 'find-last-page' };
  if (page === undefined && state.lastPage !== null)
    return { kind: 'read-page', page: state.lastPage };
  return (page && finishPage(state, page, now)) ?? listPage(state, job, page, { chunkImages, now });
}

/** Undefined: the page is finished, and another one follows. */
function finishPage(state: PlanState, page: JobPage, now: number): PlanStep | undefined {
  const chunks = chunksOf(page);
  if (chunks === 0 && state.marked === undefined)
    return { kind: 'mark-page', page: page.page, counts: NO_COUNTS };
  const { sent = 0, isNewPage = false } = state;
  if (sent < chunks)
    return { kind: 'send-chunks', page, chunks: someOf(range(sent, chunks)), resent: !isNewPage };
  return page.next === null ? { kind: 'store-plan', plan: planOf(page, now) } : undefined;
}

function listPage(
  { stop, listing, unreadable }: PlanState,
  job: StoredJob,
  before: JobPage | undefined,
  { chunkImages, now }: { chunkImages: number; now: number },
): PlanStep {
  if (stop === undefined) return { kind: 'read-stop' };
  const listed = before?.listed ?? { images: 0, bytes: 0 };
  const empty = { v: 1, page: before === undefined ? 0 : before.page + 1, chunkImages } as const;
  if (stop !== null)
    return { kind: 'store-page', page: { ...empty, images: [], next: null, cut: true, listed } };
  if (unreadable !== undefined)
    return {
      kind: 'store-stop',
      stop: { v: 1, reason: 'source', detail: unreadable, at: new Date(now).toISOString() },
    };
  if (listing === undefined || !isEnough(listing)) {
    const position = listing?.next ?? before?.next ?? startOf(job.source);
    return { kind: 'read-source', position, room: MAX_PAGE_IMAGES - (listing?.images.length ?? 0) };
  }
  const { images, bytes, next } = listing;
  const total = { images: listed.images + images.length, bytes: listed.bytes + bytes };
  return { kind: 'store-page', page: { ...empty, images: [...images], next, listed: total } };
}

const startOf = ({ kind }: JobSource): SourcePosition =>
  kind === 'prefix' ? { afterKey: '' } : { atByte: 0, line: 1 };

const isEnough = ({ images, calls, next }: Listing) =>
  next === null || images.length >= ENOUGH_IMAGES || calls >= MAX_CALLS_OF_PAGE;

/** @param last the last page, whose `listed` counts all */
const planOf = (last: JobPage, now: number): JobPlan => ({
  v: 1,
  pages: last.page + 1,
  ...last.listed,
  cut: last.cut === true,
  at: new Date(now).toISOString(),
});

/** The state after a page was stored. @param page the stored one, which may be another handler's */
export const afterPageStored = (
  { job, summary, plan, lastPage }: PlanState,
  page: JobPage,
  isNewPage: boolean,
): PlanState => ({
  ...(job !== undefined && { job }),
  ...(summary !== undefined && { summary }),
  ...(plan !== undefined && { plan }),
  ...(lastPage !== undefined && { lastPage }),
  page,
  isNewPage,
});

/** The state after a call to the source. */
export function afterSourceRead(state: PlanState, read: SourceRead): PlanState {
  if (read.kind === 'unreadable') return { ...state, unreadable: read.detail };
  const { images = [], bytes = 0, calls = 0 } = state.listing ?? {};
  return {
    ...state,
    listing: {
      images: [...images, ...read.images],
      bytes: bytes + read.bytes,
      calls: calls + 1,
      next: read.next,
    },
  };
}

/** As many as one call sends. */
export const someOf = (chunks: readonly number[]): number[] => chunks.slice(0, MESSAGES_OF_CALL);

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);
