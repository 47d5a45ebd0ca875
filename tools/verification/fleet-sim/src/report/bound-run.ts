import { clairvoyantBound, windowedBound } from '../bound/clairvoyant-bound.ts';
import { HOUR_SECONDS } from '../images-by-window.ts';
import type { RunResult, Workload } from '../types.ts';
import type { RunBound } from './report-input.ts';

/** The share of images within a 95th percentile. */
const SHARE = 0.95;

/** The bounds for the runs of one workload and seed. */
export function boundRun(
  workload: Workload,
  results: readonly RunResult[],
  ours: string,
): RunBound[] {
  const { name, seed, world } = workload;
  const target = world.targetWaitSeconds;
  const bound = (keeps: RunBound['keeps'], billedSeconds: number): RunBound => ({
    workload: name,
    seed,
    keeps,
    billedSeconds,
  });
  const within = (waitSeconds: number, share: number) =>
    clairvoyantBound(workload, { waitSeconds, share }).billedSeconds;
  const bounds = [bound('target', within(target, SHARE)), bound('all', within(target, 1))];
  const own = results.find(({ policy }) => policy === ours);
  if (own === undefined) return bounds;
  const same = within(own.waits.p95, SHARE);
  return [...bounds, bound('same', same), bound('hourly', hourly(workload, own, same))];
}

/** @param same the bound for the 95th percentile of the whole run, which is also that of a run of one hour */
function hourly(workload: Workload, { hourlyP95 }: RunResult, same: number): number {
  if (hourlyP95.length < 2) return same;
  const level = { windowSeconds: HOUR_SECONDS, waitSeconds: hourlyP95, share: SHARE };
  return windowedBound(workload, level).billedSeconds;
}
