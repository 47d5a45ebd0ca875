import { Random } from '@labelfleet/testkit/random';
import type { ActiveJob } from '@labelfleet/scaling';
import type { JobResult, Workload, WorkloadJob } from '../types.ts';
import { EVENT, type Timeline } from './timeline.ts';
import type { Worker } from './worker.ts';

/** Some images of a page, which a worker classifies together. */
export interface Chunk {
  job: Job;
  page: number;
  /** The first of its images, and the one after the last. */
  first: number;
  end: number;
  /** The next image to begin; and how many are done. */
  next: number;
  done: number;
}

interface Job {
  index: number;
  spec: WorkloadJob;
  /** Seconds of each image on one thread. */
  serviceSeconds: Float32Array;
  /** The worker that lists it; undefined: none does. */
  planner: Worker | undefined;
  pagesListed: number;
  /** By page: the chunks that are not done. */
  openChunks: number[];
  imagesDone: number;
  pagesDone: number;
  doneAt: number | undefined;
}

/** Standard deviation of the natural logarithm of an image's seconds. */
const SPREAD = 0.2;
const PAGE_IMAGES = 1000;
const CHUNK_IMAGES = 100;
const CHUNK_SECONDS = 20;
/** To list a page, store it and send its messages. */
const PAGE_SECONDS = 0.1;
/** A worker takes its next chunk before the last is done, so that its threads never wait. */
const MOST_CHUNKS = 2;

/** The batch queue and the jobs: which chunks wait, which worker has which, and what is done. */
export class Jobs {
  /** Called when a chunk became visible. */
  onVisible: () => void = () => undefined;
  readonly #timeline: Timeline;
  readonly #settings: Workload['world'];
  readonly #jobs: readonly Job[];
  /** Those that have arrived. */
  #arrived = 0;
  #visible: Chunk[] = [];
  #first = 0;
  /** The images on threads, by the number of their begin. */
  readonly #running = new Map<number, { chunk: Chunk; seconds: number }>();
  #begun = 0;
  /** Chunks that a worker had when it died. */
  readonly #lost: Chunk[] = [];

  constructor(timeline: Timeline, { jobs = [], seed, world }: Workload) {
    this.#timeline = timeline;
    this.#settings = world;
    this.#jobs = jobs.map((spec, index) => {
      const random = new Random(seed, `job-${index}`);
      // The parameter is the median.
      const service = () => random.logNormal(spec.imageSeconds / Math.exp(SPREAD ** 2 / 2), SPREAD);
      return {
        ...{ index, spec, planner: undefined, pagesListed: 0, openChunks: [] },
        ...{ imagesDone: 0, pagesDone: 0, doneAt: undefined },
        serviceSeconds: new Float32Array(spec.images).map(service),
      };
    });
    for (const { index, spec } of this.#jobs) timeline.later(spec.at, EVENT.JOB, index);
  }

  /** True if there is nothing of a job left to do, now or later. */
  get allDone(): boolean {
    return this.#jobs.every(({ doneAt }) => doneAt !== undefined);
  }

  /** How many jobs have arrived; the scaler is told of each. */
  get arrived(): number {
    return this.#arrived;
  }

  /** The active jobs, as the scaler reads them. */
  active(): ActiveJob[] {
    return this.#jobs.slice(0, this.#arrived).flatMap((job) => {
      if (job.doneAt !== undefined) return [];
      const { at, completeWithinSeconds: within } = job.spec;
      const listed = Math.min(job.spec.images, PAGE_IMAGES * job.pagesListed);
      return {
        remaining: listed - job.imagesDone,
        state: 'runs' as const,
        ...(within !== undefined && { completeByMs: 1000 * (at + within) }),
      };
    });
  }

  results(): JobResult[] {
    return this.#jobs.map(({ spec, doneAt, serviceSeconds }) => {
      const { threads } = this.#settings;
      const workSeconds = serviceSeconds.reduce((sum, each) => sum + each, 0) / threads;
      const chunks = Math.ceil(spec.images / chunkImages(spec, threads));
      const pages = Math.ceil(spec.images / PAGE_IMAGES);
      return {
        ...{ images: spec.images, chunks, pages, workSeconds },
        seconds: doneAt === undefined ? null : doneAt - spec.at,
        completeWithinSeconds: spec.completeWithinSeconds ?? null,
      };
    });
  }

  arrive(): void {
    this.#arrived++;
    this.onVisible();
  }

  /** Lists the next page, if its planner still works. */
  listPage(index: number): void {
    const job = this.#jobs[index];
    if (job?.planner?.state !== 'working') {
      if (job !== undefined) job.planner = undefined;
      return this.onVisible();
    }
    const page = job.pagesListed++;
    const pageEnd = Math.min(job.spec.images, (page + 1) * PAGE_IMAGES);
    const size = chunkImages(job.spec, this.#settings.threads);
    job.openChunks[page] = 0;
    for (let first = page * PAGE_IMAGES; first < pageEnd; first += size) {
      const end = Math.min(pageEnd, first + size);
      this.#visible.push({ job, page, first, end, next: first, done: 0 });
      job.openChunks[page]++;
    }
    if (pageEnd < job.spec.images)
      this.#timeline.later(this.#timeline.now + PAGE_SECONDS, EVENT.PAGE, index);
    this.onVisible();
  }

  /** What a worker without requests receives of the batch queue: plan messages and chunks, up to two. */
  receive(worker: Worker): void {
    for (const job of this.#jobs.slice(0, this.#arrived)) {
      const isListed = PAGE_IMAGES * job.pagesListed >= job.spec.images;
      if (job.planner !== undefined || isListed) continue;
      job.planner = worker;
      this.#timeline.later(this.#timeline.now + PAGE_SECONDS, EVENT.PAGE, job.index);
    }
    while (worker.chunks.length < MOST_CHUNKS && this.#first < this.#visible.length) {
      const chunk = this.#visible[this.#first++];
      if (chunk !== undefined) worker.chunks.push(chunk);
    }
    if (this.#first === this.#visible.length) {
      this.#visible = [];
      this.#first = 0;
    }
  }

  /** Begins the images of a worker's chunks on its free threads. */
  fillThreads(worker: Worker): void {
    while (worker.busyThreads < this.#settings.threads) {
      const chunk = worker.chunks.find(({ next, end }) => next < end);
      if (chunk === undefined) return;
      const seconds = chunk.job.serviceSeconds[chunk.next++] ?? 0;
      worker.busyThreads++;
      this.#running.set(++this.#begun, { chunk, seconds });
      const at = this.#timeline.now + seconds;
      this.#timeline.later(at, EVENT.JOB_IMAGE, worker.index, this.#begun);
    }
  }

  /** @param begun which of the images that were begun */
  imageDone(worker: Worker, begun: number): void {
    worker.busyThreads--;
    const ended = this.#running.get(begun);
    this.#running.delete(begun);
    if (ended === undefined) return;
    const { chunk, seconds } = ended;
    worker.jobImages++;
    worker.jobClassifySeconds += seconds;
    // A chunk that was released meanwhile is classified again.
    if (!worker.chunks.includes(chunk)) return;
    chunk.done++;
    if (chunk.done === chunk.end - chunk.first) this.#chunkDone(worker, chunk);
  }

  #chunkDone(worker: Worker, chunk: Chunk): void {
    worker.chunks.splice(worker.chunks.indexOf(chunk), 1);
    const { job, page } = chunk;
    const open = (job.openChunks[page] ?? 0) - 1;
    job.openChunks[page] = open;
    if (open > 0) return;
    job.pagesDone++;
    job.imagesDone += Math.min(PAGE_IMAGES, job.spec.images - page * PAGE_IMAGES);
    if (job.imagesDone === job.spec.images) job.doneAt = this.#timeline.now;
  }

  /** A worker that drains makes its chunks visible again; their images are classified again. */
  release(worker: Worker): void {
    this.#visible.push(...worker.chunks.splice(0).map(anew));
    this.onVisible();
  }

  /** The chunks of a dead worker become visible when their visibility timeout ends. */
  forsake(worker: Worker): void {
    for (const chunk of worker.chunks.splice(0)) {
      const at = this.#timeline.now + this.#settings.visibilityTimeoutSeconds;
      this.#timeline.later(at, EVENT.CHUNK_VISIBLE, this.#lost.push(anew(chunk)) - 1);
    }
  }

  visibleAgain(lost: number): void {
    const chunk = this.#lost[lost];
    if (chunk !== undefined) this.#visible.push(chunk);
    this.onVisible();
  }
}

const chunkImages = ({ imageSeconds }: WorkloadJob, threads: number): number =>
  Math.max(1, Math.min(CHUNK_IMAGES, Math.floor((CHUNK_SECONDS * threads) / imageSeconds)));

const anew = (chunk: Chunk): Chunk => ({ ...chunk, next: chunk.first, done: 0 });
