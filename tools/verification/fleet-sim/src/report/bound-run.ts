import { clairvoyantBound } from '../bound/clairvoyant-bound.ts';
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
  const bound = (
    keeps: RunBound['keeps'],
    waitSeconds: readonly (number | null)[],
    share = SHARE,
    windowSeconds = Infinity,
  ): RunBound => {
    const { billedSeconds } = clairvoyantBound(workload, { windowSeconds, waitSeconds, share });
    return { workload: name, seed, keeps, billedSeconds };
  };
  const target = [world.targetWaitSeconds];
  const bounds = [bound('target', target), bound('all', target, 1)];
  const own = results.find(({ policy }) => policy === ours);
  if (own === undefined) return bounds;
  const { hourlyP95, waits } = own;
  const same = bound('same', [waits.p95]);
  // A run of one hour has the same 95th percentile in its hour.
  const hourly: RunBound =
    hourlyP95.length < 2
      ? { ...same, keeps: 'hourly' }
      : bound('hourly', hourlyP95, SHARE, HOUR_SECONDS);
  return [...bounds, same, hourly];
}
