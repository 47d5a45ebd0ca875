import { MAX_PAGE_IMAGES, type FleetSnapshot, type JobEstimate } from '@labelfleet/contracts';
import { callsUsd, LEAST_BILLED_SECONDS, type Prices } from '../cost.ts';
import { callsOfJob } from './calls-of-job.ts';
import { count, expectFleet, type ExpectedFleet, type Range } from './expect-fleet.ts';
import { imagesOfChunkBy, WORKER_END_SECONDS, workersForJob } from './workers-for-job.ts';

/** What is counted of a job's source. */
export interface CountedSource {
  images: number;
  /** Undefined: the source names no sizes. */
  bytes?: number | undefined;
  /** `false`: the source has more. */
  complete: boolean;
}

/** From the creation of a job to the launch of workers, and from its last part to its end. */
const START_SECONDS = { low: 0.2, high: 15 };
/** To list a page, store it and send its messages. One worker does it for page after page. */
const PAGE_SECONDS = { low: 0.02, high: 0.5 };
/** A worker that is not needed any more is ended after this time at least. */
const LEAST_END_SECONDS = 4;

/**
 * What a job will cost, and how long it will take from now.
 * @param fleet undefined: its state is not known
 * @param prices of calls
 */
export function estimateJob(
  source: CountedSource & { completeWithinSeconds?: number | undefined },
  fleet: Pick<FleetSnapshot, 'workers' | 'limits' | 'learned' | 'jobs' | 'cost'> | undefined,
  prices: Prices,
): JobEstimate {
  const { images, bytes, complete, completeWithinSeconds } = source;
  const expected = expectFleet(fleet);
  const { image, boot, live } = expected;
  const workersAt = (secondsPerImage: number) =>
    workersForJob({
      remaining: images,
      secondsPerImage,
      secondsLeft: completeWithinSeconds,
      bootSeconds: boot.middle,
      live,
      maxWorkers: expected.maxWorkers,
    });
  const possible = [image.low, image.middle, image.high].map(workersAt);
  const workers = { low: Math.min(...possible), high: Math.max(...possible) };
  const work = { low: images * image.low, high: images * image.high };
  const seconds = expectSeconds({ images, work, workers }, expected);
  const costUsd = expectCost({ images, work, workers }, seconds, expected, prices);
  const tooLate = completeWithinSeconds !== undefined && seconds.high > completeWithinSeconds;
  return {
    images,
    ...(bytes !== undefined && { bytes }),
    complete,
    costUsd,
    seconds,
    workers: Math.max(1, workersAt(image.middle)),
    basis: [
      countedSentence(source),
      ...expected.basis,
      ...(tooLate
        ? [`It may take longer than ${completeWithinSeconds} s, although all workers work on it.`]
        : []),
      'Single images come first, so a job takes longer while there are many.',
    ],
  };
}

interface Work {
  images: number;
  /** Seconds of workers. */
  work: Range;
  workers: Range;
}

function expectSeconds({ images, work, workers }: Work, expected: ExpectedFleet): Range {
  const { image, boot, up, otherImages } = expected;
  if (images === 0) return { low: 0, high: START_SECONDS.high };
  const pages = Math.ceil(images / MAX_PAGE_IMAGES);
  const others = otherImages * image.high;
  const low = Math.max(work.low / workers.high, pages * PAGE_SECONDS.low);
  const high = Math.max((work.high + others) / workers.low, pages * PAGE_SECONDS.high);
  // The other workers have nothing left to do while one works on the last chunk.
  const lastChunk = imagesOfChunkBy(image.high) * image.high;
  return {
    low: rounded(START_SECONDS.low + (up > 0 ? 0 : boot.low) + low),
    high: rounded(START_SECONDS.high + (up >= workers.high ? 0 : boot.high) + high + lastChunk),
  };
}

function expectCost(
  { images, work, workers }: Work,
  seconds: Range,
  { image, boot, hourUsd, live }: ExpectedFleet,
  prices: Prices,
): JobEstimate['costUsd'] {
  const billedBesides = besidesWork({ work, workers }, boot, live);
  const calls = (bound: 'low' | 'high') => {
    const causes = {
      image: images,
      chunk: images / imagesOfChunkBy(image[bound]),
      // The lines of a manifest, or what patterns leave, may fill a page by half.
      page: images / (bound === 'high' ? MAX_PAGE_IMAGES / 2 : MAX_PAGE_IMAGES),
      job: 1,
      workerSecond: work[bound] + billedBesides[bound],
      second: seconds[bound],
    };
    const { queue, store } = callsUsd(prices, callsOfJob(causes, bound));
    return queue === null || store === null ? null : queue + store;
  };
  const callsLow = calls('low');
  const callsHigh = calls('high');
  if (hourUsd === null || callsLow === null || callsHigh === null) return null;
  const priced = ({ low, high }: Range) => ({
    low: roundedUsd((low * hourUsd.low) / 3600),
    high: roundedUsd((high * hourUsd.high) / 3600),
  });
  const instances = priced(work);
  const boots = priced(billedBesides);
  const ofCalls = {
    low: roundedUsd(callsLow),
    high: roundedUsd(callsHigh),
  };
  return {
    low: roundedUsd(instances.low + boots.low + ofCalls.low),
    high: roundedUsd(instances.high + boots.high + ofCalls.high),
    ...{ instances, boots, calls: ofCalls },
  };
}

/** Billed seconds of the workers besides the work: boots, ends, and what is missing to the least that is billed. */
function besidesWork(
  { work, workers }: Pick<Work, 'work' | 'workers'>,
  boot: Range,
  live: number,
): Range {
  const launched = Math.max(0, workers.low - live);
  const missing = (life: number) => Math.max(0, LEAST_BILLED_SECONDS - life);
  const short = boot.low + LEAST_END_SECONDS;
  const long = boot.high + WORKER_END_SECONDS;
  return {
    low: launched * (short + missing(short + work.low / Math.max(1, workers.low))),
    high: workers.high * (long + missing(long)),
  };
}

function countedSentence({ images, bytes, complete }: CountedSource): string {
  const size = bytes === undefined ? '' : ` of ${inBytes(bytes)}`;
  const counted = `${count(images)} ${images === 1 ? 'image' : 'images'}${size}`;
  return complete
    ? `The source has ${counted}.`
    : `${counted} were counted in time; the source has more, and the job will cost more and take longer.`;
}

function inBytes(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

const rounded = (seconds: number): number => Math.round(seconds * 10) / 10;
/** An image costs some millionths of a dollar. */
const roundedUsd = (usd: number): number => Math.round(usd * 1e8) / 1e8;
