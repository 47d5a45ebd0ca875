import { MalformedObjectError } from '@labelfleet/aws/store';
import {
  addCounts,
  imagesOf,
  NO_COUNTS,
  type JobPlan,
  type StoredJob,
} from '@labelfleet/contracts';
import type { JobStore } from '@labelfleet/jobs';
import type { Logger } from '@labelfleet/runtime';
import type { ActiveJob } from '@labelfleet/scaling';

/** An active job, as a look found it. */
export interface LookedAtJob {
  id: string;
  job: StoredJob;
  /** Pages that are listed, and those that are done. */
  pages: { listed: number; done: number };
  /** True: every page is listed and done. Only the summary may be missing. */
  allDone: boolean;
  demand: ActiveJob;
}

/** What was read of a job and never changes. */
interface Known {
  job?: StoredJob | undefined;
  plan?: JobPlan | undefined;
  stopped?: true;
  /** The last page that was seen, and how many images are listed up to its end. */
  lastPage?: { page: number; listed: number };
}

/** No worker is launched for a job that has cost this share of what it may cost. */
const NEARLY_SPENT = 0.9;

/**
 * Looks at the active jobs. A look lists the active markers, and the page markers of each job; what is written once is
 * read once.
 */
export class JobLooks {
  readonly #jobs: JobStore;
  readonly #log: Pick<Logger, 'error'>;
  #known = new Map<string, Known>();
  /** Jobs that cannot be read; each is logged once. */
  readonly #unreadable = new Set<string>();

  constructor(jobs: JobStore, log: Pick<Logger, 'error'>) {
    this.#jobs = jobs;
    this.#log = log;
  }

  /** The active jobs, the oldest first. Rejects as the bucket does. */
  async look(): Promise<LookedAtJob[]> {
    const ids = await this.#jobs.active();
    this.#known = new Map(ids.map((id) => [id, this.#known.get(id) ?? {}]));
    const looked: LookedAtJob[] = [];
    // One after the other, because there are few, and each costs some calls.
    for (const [id, known] of this.#known) {
      const one = await this.#lookAt(id, known);
      if (one !== undefined) looked.push(one);
    }
    return looked;
  }

  /** Undefined: the job cannot be read, so no worker could do it; the others go on. */
  async #lookAt(id: string, known: Known): Promise<LookedAtJob | undefined> {
    try {
      known.job ??= await this.#jobs.job(id);
      if (known.job === undefined) return this.#cannotRead(id, 'its object is missing');
      return await this.#read(id, known.job, known);
    } catch (error) {
      if (!(error instanceof MalformedObjectError)) throw error;
      return this.#cannotRead(id, error.message);
    }
  }

  async #read(id: string, job: StoredJob, known: Known): Promise<LookedAtJob> {
    const plan = (known.plan ??= await this.#jobs.plan(id));
    if (known.stopped === undefined && (await this.#jobs.stopOf(id)) !== undefined)
      known.stopped = true;
    const done = await this.#jobs.donePages(id);
    const counts = [...done.values()].reduce(addCounts, NO_COUNTS);
    const listed =
      plan === undefined
        ? await this.#listedSoFar(id, known)
        : { pages: plan.pages, images: plan.images };
    const expected = plan === undefined ? (job.estimate?.images ?? 0) : 0;
    const remaining = Math.max(0, Math.max(listed.images, expected) - imagesOf(counts));
    const { maxCostUsd, completeWithinSeconds } = job;
    const nearlySpent =
      maxCostUsd !== undefined && (counts.nanoUsd ?? 0) / 1e9 >= NEARLY_SPENT * maxCostUsd;
    return {
      ...{ id, job },
      pages: { listed: listed.pages, done: done.size },
      allDone: plan !== undefined && done.size >= plan.pages,
      demand: {
        remaining,
        state: known.stopped ? 'stopped' : nearlySpent ? 'nearly-spent' : 'runs',
        ...(completeWithinSeconds !== undefined && {
          completeByMs: Date.parse(job.createdAt) + 1000 * completeWithinSeconds,
        }),
      },
    };
  }

  /** Pages are stored in order, and each says how much is listed up to its end. */
  async #listedSoFar(id: string, known: Known): Promise<{ pages: number; images: number }> {
    const last = (await this.#jobs.pageNumbers(id, (known.lastPage?.page ?? -1) + 1)).at(-1);
    const page = last === undefined ? undefined : await this.#jobs.page(id, last);
    if (page !== undefined) known.lastPage = { page: page.page, listed: page.listed.images };
    const { lastPage } = known;
    return lastPage === undefined
      ? { pages: 0, images: 0 }
      : { pages: lastPage.page + 1, images: lastPage.listed };
  }

  #cannotRead(id: string, reason: string): undefined {
    if (this.#unreadable.has(id)) return;
    this.#unreadable.add(id);
    this.#log.error(
      { event: 'job.unreadable', job: id, reason },
      'job cannot be read, so no worker is launched for it',
    );
  }
}
