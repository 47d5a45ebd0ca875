import { Random } from '@labelfleet/testkit/random';
import { simulate } from './engine/simulate.ts';
import { fixed } from './policies/rivals/fixed.ts';
import { rivalPolicy } from './policies/rivals/rival.ts';
import { poisson } from './workloads/arrivals.ts';
import { aWorld } from './world-settings.ts';

export interface FixedFleet {
  workers: number;
  /** Of each worker: the images that it holds; it classifies one at a time. */
  slots: number;
  serviceSeconds: number;
  /** Time of an image beyond its service. */
  overheadSeconds: number;
}

/** Simulates a fleet of constant size with random arrivals at a steady rate. */
export function simulateFixedFleet(
  { workers, slots, serviceSeconds, overheadSeconds }: FixedFleet,
  arrivalsPerSecond: number,
  durationSeconds: number,
): { imagesPerSecond: number; meanWaitSeconds: number } {
  const boot = { medianSeconds: 0.001, logSpread: 0 };
  const limits = { minWorkers: workers, maxWorkers: workers };
  const rate = () => arrivalsPerSecond;
  const arrivals = poisson(rate, arrivalsPerSecond, durationSeconds, new Random(1, 'arrivals'));
  const result = simulate(
    {
      name: 'fixed',
      arrivals,
      serviceSeconds: new Float32Array(arrivals.length).fill(serviceSeconds),
      durationSeconds,
      world: aWorld({ slots, threads: 1, overheadSeconds, boot, ...limits }),
      seed: 1,
    },
    rivalPolicy(fixed(workers)),
  );
  const seconds = result.instanceSeconds / workers;
  return { imagesPerSecond: result.images / seconds, meanWaitSeconds: result.waits.mean };
}
