import { clairvoyantBound, type ServiceLevel } from '../bound/clairvoyant-bound.ts';
import type { RunResult, Workload } from '../types.ts';
import type { RunBound } from './report-input.ts';

/** The bounds that the runs of one workload and seed are held against. */
export function boundRun(
  workload: Workload,
  results: readonly RunResult[],
  ours: string,
): RunBound[] {
  const { name, seed, world } = workload;
  const target = world.targetWaitSeconds;
  const kept = results.find(({ policy }) => policy === ours)?.waits.p95;
  const levels: [RunBound['keeps'], ServiceLevel][] = [
    ['target', { waitSeconds: target, share: 0.95 }],
    ['all', { waitSeconds: target, share: 1 }],
  ];
  if (kept !== undefined) levels.push(['same', { waitSeconds: kept, share: 0.95 }]);
  return levels.map(([keeps, level]) => ({
    workload: name,
    seed,
    keeps,
    billedSeconds: clairvoyantBound(workload, level).billedSeconds,
  }));
}
