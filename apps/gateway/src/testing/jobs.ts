import type { ObjectStore } from '@labelfleet/aws/store';
import {
  addCounts,
  chunksOf,
  imagesOfChunk,
  makeProblem,
  makeRequestId,
  NO_COUNTS,
  summarizeJob,
  type JobCounts,
  type JobLine,
  type JobPage,
  type JobPlan,
  type PageImage,
  type StoredJob,
} from '@labelfleet/contracts';
import { JobStore, PartStore } from '@labelfleet/jobs';
import { randomBytes } from 'node:crypto';

interface Buckets {
  jobs: JobStore;
  storeOf: (bucket: string) => ObjectStore;
}

/** A job of the bucket `input`, with its parts in `output`. */
export function aJob(fields: Partial<StoredJob> = {}): StoredJob {
  const now = Date.now();
  return {
    v: 1,
    id: makeRequestId(now, randomBytes(10)),
    createdAt: new Date(now).toISOString(),
    source: { kind: 'prefix', bucket: 'input', prefix: 'uploads/' },
    topK: 1,
    destination: { bucket: 'output', prefix: 'jobs/' },
    readable: [{ bucket: 'input', prefix: 'uploads/' }],
    ...fields,
  };
}

const keyOf = (image: PageImage): string => ('key' in image ? image.key : '');

export const succeededLine = (image: PageImage): JobLine => ({
  status: 'succeeded',
  image: `s3://input/${keyOf(image)}`,
  label: 'shower curtain',
  score: 0.83,
});

export const failedLine = (image: PageImage): JobLine => ({
  status: 'failed',
  image: `s3://input/${keyOf(image)}`,
  problem: makeProblem('invalid-image', 'none', 'The image ends early.'),
});

/** Writes the objects of a job step by step, as workers do. */
export function workOn({ jobs, storeOf }: Buckets, job: StoredJob, chunkImages = 100) {
  const parts = new PartStore(job, storeOf);
  const pages: JobPage[] = [];
  const counted = new Map<number, JobCounts>();
  const stored = { images: 0, bytes: 0 };
  return {
    /** Stores the next page. */
    async list(images: readonly string[], { isLast = false } = {}): Promise<JobPage> {
      stored.images += images.length;
      stored.bytes += 1_000 * images.length;
      const page: JobPage = {
        v: 1,
        page: pages.length,
        images: images.map((key) => ({ key, bytes: 1_000 })),
        chunkImages,
        next: isLast ? null : { afterKey: images.at(-1) ?? '' },
        listed: { ...stored },
      };
      pages.push(page);
      return jobs.storePage(job.id, page);
    },
    /** Stores the part of a chunk. */
    async classify(
      page: JobPage,
      chunk: number,
      lineOf: (image: PageImage) => JobLine = succeededLine,
    ): Promise<void> {
      const lines = imagesOfChunk(page, chunk).map(lineOf);
      const succeeded = lines.filter(({ status }) => status === 'succeeded').length;
      const counts = {
        ...NO_COUNTS,
        succeeded,
        failed: lines.length - succeeded,
        nanoUsd: 2_000 * lines.length,
        busyMs: 50 * lines.length,
      };
      await parts.store(page.page, chunk, lines, { v: 1, ...counts, worker: 'i-1' });
      counted.set(page.page, addCounts(counted.get(page.page) ?? NO_COUNTS, counts));
    },
    /** Stores all parts of a page and its marker. */
    async finish(page: JobPage, lineOf?: (image: PageImage) => JobLine): Promise<void> {
      for (let chunk = 0; chunk < chunksOf(page); chunk++) await this.classify(page, chunk, lineOf);
      await this.mark(page);
    },
    async mark({ page }: JobPage): Promise<void> {
      await jobs.markPage(job.id, page, counted.get(page) ?? NO_COUNTS);
    },
    async plan(fields: Partial<JobPlan> = {}): Promise<JobPlan> {
      const at = new Date().toISOString();
      const plan = { v: 1, pages: pages.length, ...stored, cut: false, at, ...fields } as const;
      return jobs.storePlan(job.id, plan);
    },
    /** Stores plan and summary. */
    async complete(): Promise<void> {
      const plan = await this.plan();
      const counts = [...counted.values()].reduce(addCounts, NO_COUNTS);
      const stop = await jobs.stopOf(job.id);
      const at = new Date().toISOString();
      await jobs.storeSummary(summarizeJob(job, plan, counts, stop, at));
      await jobs.endActive(job.id);
    },
  };
}

/** Keys of a source, in order. */
export const someKeys = (count: number, prefix = 'uploads/'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(7, '0')}.jpg`);
