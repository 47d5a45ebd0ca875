import type { RunResult } from '../../types.ts';
import type { Recording } from '../recording.ts';

/** A recording of a local run with one worker; `waits` has an image for each. */
export function aRecording({
  waits = [1],
  ...overrides
}: Partial<Recording> & { waits?: readonly number[] } = {}): Recording {
  return {
    name: 'a run',
    windowSeconds: 60,
    slots: 2,
    threads: 1,
    pollSeconds: 2,
    maxWorkers: 2,
    tickSeconds: 0.5,
    images: waits.map((waitSeconds) => ({
      offeredAt: 0,
      waitSeconds,
      serviceSeconds: 0.25,
      entrySeconds: 0,
      overheadSeconds: 0.05,
    })),
    instances: [{ launchedAt: 0, endedAt: null }],
    bootSeconds: [5],
    ...overrides,
  };
}

/** A simulator result with the compared quantities. */
export const aResult = ({
  p50,
  p95,
  ...figures
}: Pick<RunResult, 'instanceSeconds' | 'launches' | 'peak'> & {
  p50: number;
  p95: number;
}): RunResult => ({
  policy: 'deadline',
  workload: 'a run',
  seed: 1,
  images: 1,
  billedSeconds: 0,
  usd: 0,
  waits: { mean: 0, p50, p95, p99: 0 },
  hourlyP95: [],
  withinTarget: 1,
  interrupted: 0,
  unanswered: 0,
  series: [],
  ...figures,
});
