import { MAX_CHUNK_IMAGES } from '@labelfleet/contracts';

/** A chunk is made to take about this long, if that is no more than its most images. */
export const CHUNK_SECONDS = 20;

/** From the last image of a worker to its end: its chunk may be the last by then, and idle workers are not ended at once. */
export const WORKER_END_SECONDS = 60;

/** This part of the time is planned with; the rest is a reserve. */
const TIME_USED = 0.95;

/** Boots and ends of workers may cost this share of the price of the work. */
const OVERHEAD_SHARE = 0.05;

export interface JobWork {
  /** Images that are not completed. */
  remaining: number;
  /** How long a worker takes for an image of a job when it has nothing else to do. */
  secondsPerImage: number;
  /** Until the job is to be completed; 0 or less: that time has passed. Undefined: the cheaper, the better. */
  secondsLeft?: number | undefined;
  /** How long a launched worker takes until it is up. */
  bootSeconds: number;
  /** Workers that are up or booting, and may work on the job. */
  live?: number;
  /** Seconds until those of them are up that are booting; absent: all are up. */
  bootsDueInSeconds?: readonly number[];
  /** The most workers. */
  maxWorkers: number;
}

/** How many images a chunk has, 1 to 100. */
export const imagesOfChunkBy = (secondsPerImage: number): number =>
  Math.max(1, Math.min(MAX_CHUNK_IMAGES, Math.floor(CHUNK_SECONDS / secondsPerImage)));

/**
 * How many workers a job should have. With a time to complete in, as many as it takes; when that time is over or nearly
 * so, as many as have a minute of work after a boot, so that a job that is a little late does not get all. Without one, as many as keep
 * boots and ends of workers within 5 % of the price of the work; live workers are kept while there is work for them,
 * because their boots are paid. 0 if nothing remains; otherwise at least 1, unless `maxWorkers` is 0.
 */
export function workersForJob(job: JobWork): number {
  const { remaining, secondsPerImage, secondsLeft, maxWorkers } = job;
  if (remaining <= 0) return 0;
  const chunks = Math.ceil(remaining / imagesOfChunkBy(secondsPerImage));
  const wanted = secondsLeft === undefined ? cheapest(job) : within(job, secondsLeft);
  // A chunk is the work of one worker.
  return Math.min(maxWorkers, chunks, Math.max(1, wanted));
}

function within(
  { remaining, secondsPerImage, bootSeconds, live = 0, bootsDueInSeconds = [] }: JobWork,
  secondsLeft: number,
): number {
  // The last chunk may begin just before the others end.
  const lastChunk = imagesOfChunkBy(secondsPerImage) * secondsPerImage;
  const usable = Math.max(TIME_USED * (secondsLeft - lastChunk), bootSeconds + WORKER_END_SECONDS);
  const startTimes = [
    ...Array.from({ length: live - bootsDueInSeconds.length }, () => 0),
    ...bootsDueInSeconds.toSorted((a, b) => a - b),
  ];
  let work = remaining * secondsPerImage;
  let workers = 0;
  for (const startsAt of startTimes) {
    // One that is up later than a new one is no use.
    if (work <= 0 || startsAt > bootSeconds) break;
    work -= usable - startsAt;
    workers++;
  }
  return workers + Math.ceil(Math.max(0, work) / (usable - bootSeconds));
}

function cheapest({ remaining, secondsPerImage, bootSeconds, live = 0 }: JobWork): number {
  const work = remaining * secondsPerImage;
  const affordable = Math.floor((OVERHEAD_SHARE * work) / (bootSeconds + WORKER_END_SECONDS));
  return Math.max(live, affordable);
}
