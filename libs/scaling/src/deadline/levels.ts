import type { Tuning } from './tuning.ts';

/**
 * How long each level of the fleet has not been needed: level n is the n-th worker, whichever instance that
 * is. Index 0 is level 1.
 */
export interface LevelMemory {
  neededAtMs: readonly number[];
  /** The last times for which a level was not needed until it was again, in seconds, oldest first. */
  idleGaps: readonly (readonly number[])[];
}

export const NO_LEVELS: LevelMemory = { neededAtMs: [], idleGaps: [] };

const GAPS_REMEMBERED = 8;

/**
 * Takes in how many levels are needed now. Gaps that no wait would end are not worth remembering: every one
 * of them costs the same under all waits.
 * @param live levels there are: those seen for the first time count as needed until now
 */
export function needLevels(
  { neededAtMs, idleGaps }: LevelMemory,
  needed: number,
  live: number,
  tuning: Tuning,
  now: number,
): LevelMemory {
  const levels = Math.max(needed, live, neededAtMs.length);
  const [shortest] = tuning.idleWaitsSeconds;
  const since = Array.from({ length: levels }, (_, index) => neededAtMs[index] ?? now);
  return {
    neededAtMs: since.map((sinceMs, index) => (index < needed ? now : sinceMs)),
    idleGaps: since.map((sinceMs, index) => {
      const gaps = idleGaps[index] ?? [];
      const gap = (now - sinceMs) / 1000;
      return index < needed && gap > shortest ? [...gaps, gap].slice(-GAPS_REMEMBERED) : gaps;
    }),
  };
}

/** A time in which nothing could be seen is no time in which nothing was needed. */
export const skipTime = (levels: LevelMemory, ms: number): LevelMemory => ({
  ...levels,
  neededAtMs: levels.neededAtMs.map((sinceMs) => sinceMs + ms),
});

/** How long a level waits without being needed, by its gaps; in seconds. */
export type IdleWait = (gaps: readonly number[]) => number;

/** How many levels are kept: those needed now, and up to the highest that was needed within its wait. */
export function keptLevels(
  { neededAtMs, idleGaps }: LevelMemory,
  needed: number,
  idleWait: IdleWait,
  now: number,
): number {
  const within = (sinceMs: number, index: number) =>
    (now - sinceMs) / 1000 < idleWait(idleGaps[index] ?? []);
  return Math.max(needed, neededAtMs.findLastIndex(within) + 1);
}

/** Seconds for which this level is kept from now on, if it is not needed again. */
export function keptForSeconds(
  { neededAtMs, idleGaps }: LevelMemory,
  level: number,
  idleWait: IdleWait,
  now: number,
): number {
  const sinceMs = neededAtMs[level - 1] ?? now;
  return Math.max(0, idleWait(idleGaps[level - 1] ?? []) - (now - sinceMs) / 1000);
}

/**
 * The wait that would have cost least over these gaps, the shorter one of two: waiting longer than a gap
 * costs the gap, giving up before its end costs the wait and a launch. That is renting skis or buying them,
 * with the past for a forecast; for one gap and no past, waiting as long as a launch costs is at most twice
 * the least (Karlin, Manasse, McGeoch and Owicki 1994, "Competitive randomized algorithms for nonuniform
 * problems").
 */
export function learnedWait(
  gaps: readonly number[],
  relaunchCostSeconds: number,
  tuning: Tuning,
): number {
  if (gaps.length === 0 || !tuning.learnIdleWaits) return tuning.firstIdleWaitSeconds;
  const cost = (wait: number) =>
    gaps.reduce((sum, gap) => sum + (gap <= wait ? gap : wait + relaunchCostSeconds), 0);
  return tuning.idleWaitsSeconds.reduce((best, wait) => (cost(wait) < cost(best) ? wait : best));
}
