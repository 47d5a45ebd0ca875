import { Random } from '../engine/random.ts';
import { simulate } from '../engine/simulate.ts';
import { productPolicy } from '../policies/product.ts';
import type { Workload } from '../types.ts';
import { poisson } from '../workloads/arrivals.ts';
import { makeWorkload, usualService, WORKLOADS } from '../workloads/index.ts';
import { aWorld } from '../world-settings.ts';

/** The cost of one simulated run. */
export interface Cost {
  workers: number;
  images: number;
  simulatedSeconds: number;
  wallSeconds: number;
}

const SIZES = [
  { workers: 20, images: 10_000 },
  { workers: 20, images: 100_000 },
  { workers: 20, images: 1_000_000 },
  { workers: 200, images: 1_000_000 },
  { workers: 2000, images: 1_000_000 },
  { workers: 2000, images: 4_000_000 },
] as const;

/** Utilization: images arrive at 0.7 of the capacity of all workers. */
const LOAD = 0.7;
const IMAGES_A_SECOND_A_WORKER = 8;
const POLICY = 'backlog-per-worker';

/** Measures the speed of runs of the product's own policy, for growing fleets and numbers of images. */
export function bench(clock: () => number, onCost: (cost: Cost) => void): void {
  for (const { workers, images } of SIZES) onCost(measure(steady(workers, images), workers, clock));
  const day = WORKLOADS.find(({ name }) => name === 'day-14');
  if (day !== undefined) onCost(measure(makeWorkload(day, 1), 20, clock));
}

function measure(workload: Workload, workers: number, clock: () => number): Cost {
  const begun = clock();
  const { images } = simulate(workload, productPolicy(POLICY));
  const wallSeconds = (clock() - begun) / 1000;
  return { workers, images, simulatedSeconds: workload.durationSeconds, wallSeconds };
}

/** A workload for a fleet of constant size. */
function steady(workers: number, images: number): Workload {
  const random = new Random(1, 'bench');
  const perSecond = LOAD * IMAGES_A_SECOND_A_WORKER * workers;
  const durationSeconds = Math.ceil(images / perSecond);
  const arrivals = poisson(() => perSecond, perSecond, durationSeconds, random);
  return {
    name: 'bench',
    arrivals,
    serviceSeconds: new Float32Array(arrivals.length).map(() => usualService(random)),
    durationSeconds,
    world: aWorld({
      minWorkers: workers,
      maxWorkers: workers,
      api: { launchTokens: workers },
    }),
    seed: 1,
  };
}

export function formatCost({ workers, images, simulatedSeconds, wallSeconds }: Cost): string {
  const columns = [
    workers,
    images,
    simulatedSeconds,
    wallSeconds.toFixed(2),
    Math.round(images / wallSeconds),
    Math.round(simulatedSeconds / wallSeconds),
  ];
  return columns.map((value) => String(value).padStart(12)).join('');
}

export const COST_HEADER = ['workers', 'images', 'simulated s', 'wall s', 'images/s', 'x real time']
  .map((title) => title.padStart(12))
  .join('');
