import { nearestRank } from '../statistics.ts';
import type { RunResult } from '../types.ts';
import type { Recording } from './recording.ts';

/** The compared quantities of a measured or predicted run. */
export interface Figures {
  /** Of all instances, from launch to end or to the end of the window. */
  instanceSeconds: number;
  waitP50: number;
  waitP95: number;
  launches: number;
  peak: number;
}

export function summariseReal({ images, instances, windowSeconds }: Recording): Figures {
  const lives = instances
    .filter(({ launchedAt }) => launchedAt < windowSeconds)
    .map(({ launchedAt, endedAt }) => ({
      from: launchedAt,
      to: Math.min(endedAt ?? windowSeconds, windowSeconds),
    }));
  const waits = images.map(({ waitSeconds }) => waitSeconds);
  return {
    instanceSeconds: lives.reduce((sum, { from, to }) => sum + to - from, 0),
    waitP50: rankOf(waits, 0.5),
    waitP95: rankOf(waits, 0.95),
    launches: lives.length,
    // A peak is reached at a launch.
    peak: Math.max(
      0,
      ...lives.map(
        ({ from }) => lives.filter((life) => life.from <= from && from < life.to).length,
      ),
    ),
  };
}

export const summarisePredicted = (results: readonly RunResult[]): Figures[] =>
  results.map(({ instanceSeconds, waits, launches, peak }) => {
    return { instanceSeconds, waitP50: waits.p50, waitP95: waits.p95, launches, peak };
  });

/** Percentiles as the simulator computes them, of values in any order. */
export const rankOf = (values: readonly number[], share: number): number =>
  nearestRank(
    values.toSorted((a, b) => a - b),
    share,
  );
