import { bootStream, drawBoot } from '../engine/ec2.ts';
import { sumOf } from '../statistics.ts';
import type { JobResult, Workload } from '../types.ts';
import { clairvoyantBound } from './clairvoyant-bound.ts';

/** Among so many launches, the shortest boot counts for each. */
const LAUNCHES = 1000;

/**
 * A lower bound of the billed instance-seconds of any schedule of requests and jobs, even a clairvoyant one: all images
 * must be classified, and before a time limit a worker can work only after its boot. Requests that wait no longer than
 * the target may need more on their own, which is the other bound; their idle time may serve jobs, so the two are
 * not added.
 * @param jobs of a run, in the order of their creation
 */
export function jobBound(workload: Workload, jobs: readonly JobResult[]): number {
  const { arrivals, serviceSeconds, world, seed } = workload;
  const requestSeconds = sumOf(Array.from(serviceSeconds)) / world.threads;
  const work = requestSeconds + sumOf(jobs.map(({ workSeconds }) => workSeconds));
  const random = bootStream(seed);
  const boots = Array.from({ length: LAUNCHES }, () => drawBoot(world.boot, random));
  const boot = Math.min(...boots);
  const launches = jobs.map(({ workSeconds, completeWithinSeconds: within }) =>
    // No worker has more time than that, whenever it was launched.
    within === null ? 1 : Math.ceil(workSeconds / within),
  );
  const forJobs = work + boot * Math.max(1, ...launches);
  if (arrivals.length === 0) return forJobs;
  const level = { waitSeconds: [world.targetWaitSeconds], share: 0.95 };
  return Math.max(forJobs, clairvoyantBound(workload, level).billedSeconds);
}
