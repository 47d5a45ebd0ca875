import { readJson, writeJsonOnce, type ObjectStore } from '@labelfleet/aws/store';
import {
  ACTIVE_JOB_PREFIX,
  activeJobKey,
  jobKey,
  jobListKey,
  jobListPrefix,
  jobOfActiveKey,
  jobOfListKey,
  jobPageCodec,
  jobPlanCodec,
  jobPlanKey,
  jobStopCodec,
  jobStopKey,
  jobSummaryCodec,
  jobSummaryKey,
  pageKey,
  pageMarkerKey,
  pageMarkerPrefix,
  pageOfKey,
  pagePrefix,
  readPageMarker,
  storedJobCodec,
  type JobCounts,
  type JobPage,
  type JobPlan,
  type JobStop,
  type JobSummary,
  type StoredJob,
} from '@labelfleet/contracts';
import { listAll } from './list-all.ts';

const EMPTY = { contentType: 'application/octet-stream' };

/**
 * The objects of jobs in the state bucket. Each is written once, so every method may be repeated, and what was read
 * stays true. Methods reject as those of the bucket do.
 */
export class JobStore {
  readonly #bucket: Pick<ObjectStore, 'get' | 'put' | 'list' | 'delete'>;

  constructor(stateBucket: Pick<ObjectStore, 'get' | 'put' | 'list' | 'delete'>) {
    this.#bucket = stateBucket;
  }

  /** Stores a job, its entry in the caller's list and its active marker (J1). Resolves with the stored job. */
  async create(job: StoredJob): Promise<StoredJob> {
    const stored = await writeJsonOnce(this.#bucket, jobKey(job.id), job, storedJobCodec);
    await this.#bucket.put(jobListKey(stored.caller, stored.id), '', EMPTY);
    // A repeat must not mark a job that is completed.
    if ((await this.summary(stored.id)) === undefined)
      await this.#bucket.put(activeJobKey(stored.id), '', EMPTY);
    return stored;
  }

  /** Undefined: there is no such job. */
  async job(id: string): Promise<StoredJob | undefined> {
    return (await readJson(this.#bucket, jobKey(id), storedJobCodec))?.value;
  }

  /** Ids of a caller's jobs, the newest first. */
  async list(caller: string | undefined, limit: number, after?: string): Promise<string[]> {
    const afterKey = after === undefined ? undefined : jobListKey(caller, after);
    const keys = await this.#bucket.list(jobListPrefix(caller), limit, afterKey);
    return keys.map(jobOfListKey);
  }

  /** Ids of the jobs that are not completed, the oldest first. */
  async active(): Promise<string[]> {
    return (await listAll(this.#bucket, ACTIVE_JOB_PREFIX)).map(jobOfActiveKey);
  }

  async isActive(id: string): Promise<boolean> {
    const [key] = await this.#bucket.list(activeJobKey(id), 1);
    return key !== undefined;
  }

  /** Deletes the active marker. */
  endActive(id: string): Promise<void> {
    return this.#bucket.delete(activeJobKey(id));
  }

  /** Stops a job (J7). Resolves with the first stop. */
  stop(id: string, stop: JobStop): Promise<JobStop> {
    return writeJsonOnce(this.#bucket, jobStopKey(id), stop, jobStopCodec);
  }

  /** Undefined: the job was not stopped. */
  async stopOf(id: string): Promise<JobStop | undefined> {
    return (await readJson(this.#bucket, jobStopKey(id), jobStopCodec))?.value;
  }

  /** Stores a page unless it is stored. Resolves with the stored one: the same object if this call stored it. */
  storePage(id: string, page: JobPage): Promise<JobPage> {
    return writeJsonOnce(this.#bucket, pageKey(id, page.page), page, jobPageCodec);
  }

  /** Undefined: it is not listed yet. */
  async page(id: string, page: number): Promise<JobPage | undefined> {
    return (await readJson(this.#bucket, pageKey(id, page), jobPageCodec))?.value;
  }

  /** Numbers of the stored pages from `from` on, in order. */
  async pageNumbers(id: string, from = 0): Promise<number[]> {
    const after = from === 0 ? undefined : pageKey(id, from - 1);
    return (await listAll(this.#bucket, pagePrefix(id), after)).map(pageOfKey);
  }

  storePlan(id: string, plan: JobPlan): Promise<JobPlan> {
    return writeJsonOnce(this.#bucket, jobPlanKey(id), plan, jobPlanCodec);
  }

  /** Undefined: not every page is stored yet. */
  async plan(id: string): Promise<JobPlan | undefined> {
    return (await readJson(this.#bucket, jobPlanKey(id), jobPlanCodec))?.value;
  }

  /** Marks a page as done (J4). */
  async markPage(id: string, page: number, counts: JobCounts): Promise<void> {
    await this.#bucket.put(pageMarkerKey(id, page, counts), '', EMPTY);
  }

  /** The counts of the pages that are done, by page. Costs a listing for each 1,000 pages. */
  async donePages(id: string): Promise<Map<number, JobCounts>> {
    const pages = new Map<number, JobCounts>();
    for (const key of await listAll(this.#bucket, pageMarkerPrefix(id))) {
      const marker = readPageMarker(key);
      if (marker === undefined) continue;
      const { page, ...counts } = marker;
      pages.set(page, counts);
    }
    return pages;
  }

  storeSummary(summary: JobSummary): Promise<JobSummary> {
    return writeJsonOnce(this.#bucket, jobSummaryKey(summary.id), summary, jobSummaryCodec);
  }

  /** Undefined: the job is not completed. */
  async summary(id: string): Promise<JobSummary | undefined> {
    return (await readJson(this.#bucket, jobSummaryKey(id), jobSummaryCodec))?.value;
  }
}
