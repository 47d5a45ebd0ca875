import type { RunResult, Sample } from '../../types.ts';
import { aWorld } from '../../world-settings.ts';
import type { ReportedWorkload, ReportInput, RunBound } from '../report-input.ts';

/** A series of one hour in which the fleet follows the backlog. */
const series: Sample[] = Array.from({ length: 361 }, (_, index) => ({
  atSeconds: index * 10,
  fleet: index % 40 < 20 ? 3 : 1,
  booting: index % 40 < 5 ? 2 : 0,
  backlog: index % 40 < 10 ? 200 : 0,
}));

/** A run with these billed seconds and this 95th percentile. */
export const aRun = (
  policy: string,
  billedSeconds: number,
  p95: number,
  changes: Partial<RunResult> = {},
): RunResult => ({
  policy,
  workload: 'day',
  seed: 1,
  images: 1000,
  instanceSeconds: billedSeconds,
  billedSeconds,
  usd: billedSeconds / 50_000,
  waits: { mean: p95 / 3, p50: p95 / 2, p95, p99: 2 * p95 },
  hourlyP95: [p95],
  withinTarget: p95 <= 10 ? 0.99 : 0.5,
  interrupted: 0,
  launches: 5,
  peak: 3,
  unanswered: 0,
  series,
  ...changes,
});

export const aReportedWorkload = (name = 'day'): ReportedWorkload => ({
  name,
  about: 'an hour of images',
  durationSeconds: 3600,
  world: aWorld({ targetWaitSeconds: 10 }),
});

export const aBound = (
  keeps: RunBound['keeps'],
  billedSeconds: number,
  changes: Partial<RunBound> = {},
): RunBound => ({ workload: 'day', seed: 1, keeps, billedSeconds, ...changes });

export const aReport = (changes: Partial<ReportInput> = {}): ReportInput => ({
  ours: 'deadline',
  workloads: [aReportedWorkload()],
  results: [aRun('deadline', 1200, 2), aRun('keda', 2400, 20), aRun('fixed', 9000, 0.4)],
  bounds: [aBound('target', 900), aBound('same', 980), aBound('hourly', 1000), aBound('all', 1100)],
  ...changes,
});
