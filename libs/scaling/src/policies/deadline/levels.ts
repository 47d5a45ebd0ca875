import type { Tuning } from './tuning.ts';

/** The n-th worker of the fleet, independent of the instance. Plain data. */
export interface Level {
  /** When it was last needed for any reason, and for sustained arrivals; null: never for those. */
  neededAtMs: number;
  steadyAtMs: number | null;
  /** The last periods without need that ended with a need, in seconds, oldest first. */
  idleGaps: readonly number[];
}

const GAPS_REMEMBERED = 24;

/** How many levels are needed now; the first `steady` ones are for sustained arrivals. */
export interface Needed {
  levels: number;
  steady: number;
}

/**
 * Updates the levels with the present need. Gaps shorter than every wait are not stored, because they cost the same
 * with all waits.
 * @param live number of live workers; a level seen for the first time is assumed needed until now
 */
export function needLevels(
  before: readonly Level[],
  needed: Needed,
  live: number,
  tuning: Tuning,
  now: number,
): Level[] {
  const [shortest] = tuning.idleWaitsSeconds;
  const count = Math.max(needed.levels, live, before.length);
  return Array.from({ length: count }, (_, index) => {
    const known = before[index];
    const level = known ?? { neededAtMs: now, steadyAtMs: index < live ? now : null, idleGaps: [] };
    if (index >= needed.levels) return level;
    const gap = (now - level.neededAtMs) / 1000;
    const { steadyAtMs, idleGaps } = level;
    return {
      neededAtMs: now,
      steadyAtMs: index < needed.steady ? now : steadyAtMs,
      idleGaps: gap > shortest ? [...idleGaps, gap].slice(-GAPS_REMEMBERED) : idleGaps,
    };
  });
}

/** Moves all times forward by a period without observations, which does not count as a period without need. */
export const skipTime = (levels: readonly Level[], ms: number): Level[] =>
  levels.map(({ neededAtMs, steadyAtMs, idleGaps }) => ({
    neededAtMs: neededAtMs + ms,
    steadyAtMs: steadyAtMs === null ? null : steadyAtMs + ms,
    idleGaps,
  }));

/** When a level is released if it is not needed again, in milliseconds since the epoch. */
export type KeptUntil = (level: Level) => number;

/** How many levels are kept: those needed now, and all up to the highest level whose wait has not ended. */
export const keptLevels = (
  levels: readonly Level[],
  needed: number,
  keptUntil: KeptUntil,
  now: number,
): number => Math.max(needed, levels.findLastIndex((level) => keptUntil(level) > now) + 1);

/**
 * Decides by the history of a level. Without history a level that was needed only for a burst is released at once,
 * because nothing suggests another burst.
 */
export function keptByHistory(
  { neededAtMs, steadyAtMs, idleGaps }: Level,
  relaunchCostSeconds: number,
  tuning: Tuning,
): number {
  if (idleGaps.length > 0)
    return neededAtMs + 1000 * learnedWait(idleGaps, relaunchCostSeconds, tuning);
  return Math.max(
    neededAtMs + 1000 * tuning.burstIdleWaitSeconds,
    (steadyAtMs ?? -Infinity) + 1000 * tuning.firstIdleWaitSeconds,
  );
}

/**
 * The wait that would have cost least over these gaps; of two equal ones, the shorter. A wait longer than a gap
 * costs the gap; a shorter one costs the wait and a launch. This is the ski rental problem with the past as
 * forecast; for one gap and no past, a wait as long as a launch costs is at most twice the optimum (Karlin,
 * Manasse, McGeoch and Owicki 1994, "Competitive randomized algorithms for nonuniform problems").
 */
export function learnedWait(
  gaps: readonly number[],
  relaunchCostSeconds: number,
  tuning: Pick<Tuning, 'idleWaitsSeconds'>,
): number {
  const cost = (wait: number) =>
    gaps.reduce((sum, gap) => sum + (gap <= wait ? gap : wait + relaunchCostSeconds), 0);
  return tuning.idleWaitsSeconds.reduce((best, wait) => (cost(wait) < cost(best) ? wait : best));
}
