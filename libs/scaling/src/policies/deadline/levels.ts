import type { Tuning } from './tuning.ts';

/** The n-th worker of the fleet, whichever instance that is. Plain data. */
export interface Level {
  /** When it was last needed, for whatever reason, and for arrivals that go on; null: never for those. */
  neededAtMs: number;
  steadyAtMs: number | null;
  /** The last times for which it was not needed until it was again, in seconds, oldest first. */
  idleGaps: readonly number[];
}

const GAPS_REMEMBERED = 24;

/** How many levels are needed now, of which the first ones are for arrivals that go on. */
export interface Needed {
  levels: number;
  steady: number;
}

/**
 * Takes in what is needed now. Gaps that no wait would end are not worth remembering: every one of them costs
 * the same under all waits.
 * @param live levels there are: those seen for the first time may have been needed, for all that is known
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

/** A time in which nothing could be seen is no time in which nothing was needed. */
export const skipTime = (levels: readonly Level[], ms: number): Level[] =>
  levels.map(({ neededAtMs, steadyAtMs, idleGaps }) => ({
    neededAtMs: neededAtMs + ms,
    steadyAtMs: steadyAtMs === null ? null : steadyAtMs + ms,
    idleGaps,
  }));

/** Until when a level is kept if it is not needed again, in milliseconds since the epoch. */
export type KeptUntil = (level: Level) => number;

/** How many levels are kept: those needed now, and up to the highest that is kept for longer. */
export const keptLevels = (
  levels: readonly Level[],
  needed: number,
  keptUntil: KeptUntil,
  now: number,
): number => Math.max(needed, levels.findLastIndex((level) => keptUntil(level) > now) + 1);

/**
 * By what a level has seen so far. Without any history a level that was only needed for a burst goes at once:
 * nothing says that there will be another.
 */
export function keptByHistory(
  { neededAtMs, steadyAtMs, idleGaps }: Level,
  relaunchCostSeconds: number,
  tuning: Tuning,
): number {
  if (idleGaps.length > 0 && tuning.learnIdleWaits)
    return neededAtMs + 1000 * learnedWait(idleGaps, relaunchCostSeconds, tuning);
  return Math.max(
    neededAtMs + 1000 * tuning.burstIdleWaitSeconds,
    (steadyAtMs ?? -Infinity) + 1000 * tuning.firstIdleWaitSeconds,
  );
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
  tuning: Pick<Tuning, 'idleWaitsSeconds'>,
): number {
  const cost = (wait: number) =>
    gaps.reduce((sum, gap) => sum + (gap <= wait ? gap : wait + relaunchCostSeconds), 0);
  return tuning.idleWaitsSeconds.reduce((best, wait) => (cost(wait) < cost(best) ? wait : best));
}
