import type { RunResult, Workload } from '../types.ts';
import { bill } from './measure.ts';
import { World } from './world.ts';

/** A scaling policy as the simulator runs it. */
export interface Policy {
  readonly name: string;
  /** Begins a run. @returns the function to call at every tick, first at 0 s */
  start(world: World, workload: Workload): () => void;
}

/** A run with unanswered images ends this long after its workload. */
const GIVE_UP_SECONDS = 4 * 3600;

/**
 * Runs a workload with a policy until its time is over and every image is answered. The same workload and policy
 * give byte for byte the same result.
 */
export function simulate(workload: Workload, policy: Policy): RunResult {
  const world = new World(workload);
  const { measure, jobs } = world;
  const isDone = () => measure.allAnswered && (jobs?.allDone ?? true);
  const turn = policy.start(world, workload);
  const { durationSeconds, seed } = workload;
  const { tickSeconds, targetWaitSeconds, billing } = workload.world;
  for (let at = 0; at < durationSeconds || !isDone(); at += tickSeconds) {
    world.advance(at);
    if (at >= durationSeconds + GIVE_UP_SECONDS) break;
    turn();
  }
  if (world.now < durationSeconds) world.advance(durationSeconds);
  const { billedSeconds, instanceSeconds } = bill(world.workers, billing.minimumSeconds, world.now);
  return {
    policy: policy.name,
    workload: workload.name,
    seed,
    images: measure.images,
    instanceSeconds,
    billedSeconds,
    usd: (billedSeconds / 3600) * billing.usdPerHour,
    ...measure.waits(world.now, targetWaitSeconds),
    interrupted: measure.interrupted,
    launches: measure.launches,
    peak: measure.peak,
    unanswered: measure.images - measure.answered,
    series: measure.series,
    ...(jobs && { jobs: jobs.results() }),
  };
}
