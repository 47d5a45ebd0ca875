import type { RunResult, Workload } from '../types.ts';
import { bill } from './measure.ts';
import { World } from './world.ts';

/** Who decides about the fleet. */
export interface Policy {
  readonly name: string;
  /** Begins a run; what it returns is called at every tick, the first at 0. */
  start(world: World, workload: Workload): () => void;
}

/** So long after the workload's end a run is given up whose images are not all answered. */
const GIVE_UP_SECONDS = 4 * 3600;

/**
 * Runs a workload against a policy, until its time is over and every image is answered. The same workload
 * and policy give the same result, to the byte.
 */
export function simulate(workload: Workload, policy: Policy): RunResult {
  const world = new World(workload);
  const { measure } = world;
  const turn = policy.start(world, workload);
  const { durationSeconds, seed } = workload;
  const { tickSeconds, targetWaitSeconds, billing } = workload.world;
  for (let at = 0; at < durationSeconds || !measure.allAnswered; at += tickSeconds) {
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
  };
}
