import type {
  JobCounts,
  JobPlan,
  JobStop,
  JobSummary,
  PartSummary,
  StoredJob,
} from '@labelfleet/contracts';

/** Whether and how far a job is done, by its objects. */
export interface JobState {
  job: StoredJob;
  plan?: JobPlan | undefined;
  stop?: JobStop | undefined;
  summary?: JobSummary | undefined;
  /** Images listed so far; all of them if there is a plan. */
  listed: number;
  /** Of the parts that are stored. */
  counts: JobCounts;
  /** Images a second over the last minute; undefined: it is not known. */
  imagesPerSecond?: number | undefined;
}

/** What this process knows of a job. Its objects are written once, so what was read stays true. */
export interface JobMemory {
  readonly job: StoredJob;
  plan?: JobPlan;
  stop?: JobStop;
  summary?: JobSummary;
  /** The last page that was seen, and how many images there are up to its end. */
  lastPage: { page: number; listed: number } | undefined;
  /** Summaries of the parts of pages without a marker, by page and chunk. */
  parts: Map<number, Map<number, PartSummary>>;
  /** Classified images, the oldest first. */
  samples: { atMs: number; images: number }[];
  /** The last look, and when it ended; Infinity: it is under way. */
  look?: { state: Promise<JobState>; endedAtMs: number };
}

/** More than the jobs of a day that people watch; the parts of one are few KB. */
const REMEMBERED_JOBS = 500;

/** Remembers the jobs that were used last. */
export class JobMemories {
  readonly #memories = new Map<string, JobMemory>();

  find(id: string): JobMemory | undefined {
    const memory = this.#memories.get(id);
    if (memory === undefined) return undefined;
    this.#memories.delete(id);
    this.#memories.set(id, memory);
    return memory;
  }

  add(job: StoredJob): JobMemory {
    const known = this.find(job.id);
    if (known !== undefined) return known;
    const memory: JobMemory = { job, lastPage: undefined, parts: new Map(), samples: [] };
    this.#memories.set(job.id, memory);
    const [oldest] = this.#memories.keys();
    if (this.#memories.size > REMEMBERED_JOBS && oldest !== undefined)
      this.#memories.delete(oldest);
    return memory;
  }
}

const RATE_OVER_MS = 60_000;
/** Parts come in steps of some seconds, which say little about the rate. */
const LEAST_RATE_MS = 5_000;

/** Remembers how many images are classified. @returns images a second over the last minute, if it is known */
export function measureRate(
  memory: Pick<JobMemory, 'samples'>,
  images: number,
  nowMs: number,
): number | undefined {
  const { samples } = memory;
  samples.push({ atMs: nowMs, images });
  // One that is older than a minute is the beginning of the last minute.
  while (samples[1] !== undefined && nowMs - samples[1].atMs >= RATE_OVER_MS) samples.shift();
  const first = samples[0];
  if (first === undefined || nowMs - first.atMs < LEAST_RATE_MS) return undefined;
  return ((images - first.images) * 1000) / (nowMs - first.atMs);
}
