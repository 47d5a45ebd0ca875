import type { ObjectStore } from '@labelfleet/aws/store';
import { addCounts, NO_COUNTS, type JobCounts, type StoredJob } from '@labelfleet/contracts';
import { PartStore, type JobStore } from '@labelfleet/jobs';
import { countOpenPages } from './count-open-pages.ts';
import { JobMemories, measureRate, type JobMemory, type JobState } from './job-memory.ts';

/** A look within this time gets the result of the last one. */
const CURRENT_FOR_MS = 1_000;

export interface JobLooksDeps {
  jobs: Pick<
    JobStore,
    'job' | 'summary' | 'plan' | 'stopOf' | 'donePages' | 'pageNumbers' | 'page'
  >;
  storeOf: (bucket: string) => ObjectStore;
  monotonicMs: () => number;
}

/**
 * Sees how far jobs are. A look at a job costs a few calls, however many images it has: its markers, its newest page,
 * and the parts of the pages that are under way. All who look at a job at the same time share a look.
 */
export class JobLooks {
  readonly #deps: JobLooksDeps;
  readonly #memories = new JobMemories();

  constructor(deps: JobLooksDeps) {
    this.#deps = deps;
  }

  /** Undefined: there is no such job. */
  async find(id: string): Promise<StoredJob | undefined> {
    const known = this.#memories.find(id);
    if (known !== undefined) return known.job;
    const job = await this.#deps.jobs.job(id);
    return job && this.#memories.add(job).job;
  }

  /** The state of a job, seen less than a second ago. */
  look(job: StoredJob): Promise<JobState> {
    const memory = this.#memories.add(job);
    const { monotonicMs } = this.#deps;
    const { look } = memory;
    if (look !== undefined && monotonicMs() - look.endedAtMs < CURRENT_FOR_MS) return look.state;
    const begun = { state: this.#see(memory), endedAtMs: Infinity };
    memory.look = begun;
    begun.state.then(
      () => void (begun.endedAtMs = monotonicMs()),
      // A failure is returned to those who wait for it, but not kept.
      () => void (begun.endedAtMs = -Infinity),
    );
    return begun.state;
  }

  /** To be called when this process has changed the job. */
  forgetLook({ id }: Pick<StoredJob, 'id'>): void {
    const memory = this.#memories.find(id);
    if (memory !== undefined) delete memory.look;
  }

  async #see(memory: JobMemory): Promise<JobState> {
    const { jobs, monotonicMs } = this.#deps;
    const { job } = memory;
    if (memory.summary !== undefined) return stateOf(memory);
    const { id } = job;
    const [done, summary, plan, stop] = await Promise.all([
      jobs.donePages(id),
      jobs.summary(id),
      memory.plan ?? jobs.plan(id),
      memory.stop ?? jobs.stopOf(id),
    ]);
    if (stop !== undefined) memory.stop = stop;
    if (plan !== undefined) memory.plan = plan;
    if (summary !== undefined) {
      memory.summary = summary;
      memory.parts.clear();
      memory.samples = [];
      return stateOf(memory);
    }
    const { pages, listed } =
      plan === undefined
        ? await this.#listedSoFar(memory)
        : { pages: plan.pages, listed: plan.images };
    const parts = new PartStore(job, this.#deps.storeOf);
    const ofOpen = await countOpenPages(parts, memory, (page) => done.has(page), pages);
    const counts = [...done.values()].reduce<JobCounts>(addCounts, ofOpen);
    const images = counts.succeeded + counts.failed;
    return {
      ...{ job, plan, stop, listed, counts },
      imagesPerSecond: measureRate(memory, images, monotonicMs()),
    };
  }

  /** Pages are stored in order, and each says how much is listed up to its end. */
  async #listedSoFar(memory: JobMemory): Promise<{ pages: number; listed: number }> {
    const { jobs } = this.#deps;
    const { id } = memory.job;
    const newer = await jobs.pageNumbers(id, (memory.lastPage?.page ?? -1) + 1);
    const last = newer.at(-1);
    if (last !== undefined) {
      const page = await jobs.page(id, last);
      if (page !== undefined) memory.lastPage = { page: last, listed: page.listed.images };
    }
    const { page = -1, listed = 0 } = memory.lastPage ?? {};
    return { pages: page + 1, listed };
  }
}

/** Of a completed job. */
const stateOf = ({ job, plan, stop, summary }: JobMemory): JobState => ({
  ...{ job, plan, stop, summary },
  listed: summary?.images ?? 0,
  counts: summary?.counts ?? NO_COUNTS,
});
