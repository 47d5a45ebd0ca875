import type { FleetSnapshot } from '@labelfleet/contracts';
import { USUAL_BOOTS } from '../boots.ts';

export interface Range {
  low: number;
  high: number;
}

/** What is known of the workers that will work on a job. */
export interface ExpectedFleet {
  /** Seconds of a worker for an image. */
  image: Range & { middle: number };
  /** Seconds of a boot. */
  boot: Range & { middle: number };
  /** Price of an hour of a worker; null if unknown. */
  hourUsd: Range | null;
  /** Workers that are up or booting, and that are up. */
  live: number;
  up: number;
  maxWorkers: number;
  /** Images of other jobs that are not completed. */
  otherImages: number;
  /** Sentences that say what this rests on. */
  basis: string[];
}

/** Images of another source may be smaller or larger, and the first ones after a start take longer. */
const MEASURED_BY_JOBS = { low: 0.5, high: 1.7 };
/** Single images seldom use all processors of a worker, so they show less than its speed. */
const MEASURED_BY_REQUESTS = { low: 0.25, high: 1.7 };
/** A small model on one of two cores, and a large one on slow cores. */
const ASSUMED_IMAGE = { low: 0.01, middle: 0.1, high: 0.4 };
/** Of MAX_WORKERS. */
const USUAL_MAX_WORKERS = 20;

type KnownFleet = Pick<FleetSnapshot, 'workers' | 'limits' | 'learned' | 'jobs' | 'cost'>;

/** @param fleet undefined: its state is not known */
export function expectFleet(fleet: KnownFleet | undefined): ExpectedFleet {
  if (fleet === undefined)
    return {
      ...{ image: ASSUMED_IMAGE, boot: usualBoot, hourUsd: null, live: 0, up: 0, otherImages: 0 },
      maxWorkers: USUAL_MAX_WORKERS,
      basis: [
        `No scaler publishes the state of the fleet. ${ASSUMED_IMAGE.low} to ${ASSUMED_IMAGE.high} s an image and at most ${USUAL_MAX_WORKERS} workers are assumed.`,
      ],
    };
  const { workers, limits, learned, jobs } = fleet;
  const up = workers.idle + workers.busy;
  const otherImages = jobs?.remaining ?? 0;
  const { image, basis: ofImage } = expectImage(learned);
  const { boot, basis: ofBoot } = expectBoots(learned);
  const hourUsd = workerHour(fleet.cost, workers);
  return {
    ...{ image, boot, hourUsd, up, otherImages },
    live: up + workers.booting,
    maxWorkers: Math.max(1, limits.max),
    basis: [
      ofImage,
      up > 0 ? `${up === 1 ? '1 worker is' : `${up} workers are`} up.` : ofBoot,
      hourUsd === null
        ? 'The price of a worker is not known. The operator can set it with PRICES_USD.'
        : `An hour of a worker costs ${range(hourUsd)} USD.`,
      ...(otherImages > 0 ? [`About ${count(otherImages)} images of other jobs are ahead.`] : []),
    ],
  };
}

const usualBoot = { low: 0.7 * USUAL_BOOTS.p50, middle: USUAL_BOOTS.p50, high: USUAL_BOOTS.p95 };

function expectImage({ jobImageSeconds, serviceSeconds }: FleetSnapshot['learned']) {
  const measured = (seconds: number, spread: Range) => ({
    low: seconds * spread.low,
    middle: seconds,
    high: seconds * spread.high,
  });
  if (jobImageSeconds !== undefined && jobImageSeconds > 0) {
    const image = measured(jobImageSeconds, MEASURED_BY_JOBS);
    return { image, basis: `An image takes a worker ${range(image)} s, by the last ones of jobs.` };
  }
  if (serviceSeconds !== null && serviceSeconds > 0) {
    const image = measured(serviceSeconds, MEASURED_BY_REQUESTS);
    return {
      image,
      basis: `An image takes a worker ${range(image)} s, by the last ones that were sent alone.`,
    };
  }
  return {
    image: ASSUMED_IMAGE,
    basis: `No image was measured yet: ${range(ASSUMED_IMAGE)} s are assumed. After some images the estimate is better.`,
  };
}

function expectBoots({ bootSecondsP50: p50, bootSecondsP95: p95 }: FleetSnapshot['learned']) {
  const boot =
    p50 === null || p95 === null ? usualBoot : { low: 0.7 * p50, middle: p50, high: p95 };
  const source = p50 === null ? 'as is usual on EC2; none was measured' : 'by the last boots';
  return { boot, basis: `No worker is up. A boot takes ${range(boot)} s, ${source}.` };
}

/** Of a worker that may be launched; if that is not published, of those that run. */
function workerHour(cost: FleetSnapshot['cost'], workers: FleetSnapshot['workers']): Range | null {
  if (cost.workerHour !== undefined) return cost.workerHour;
  const running = Object.values(workers).reduce((sum, some) => sum + some, 0);
  if (running === 0 || cost.perHourNow === null || cost.perHourNow === 0) return null;
  const usd = cost.perHourNow / running;
  return { low: usd, high: usd };
}

const digits = (value: number): string => String(Number(value.toPrecision(2)));
const range = ({ low, high }: Range): string =>
  low === high ? String(Number(low.toPrecision(4))) : `${digits(low)} to ${digits(high)}`;
export const count = (value: number): string => value.toLocaleString('en-US');
