import type { Decision, ScalingSettings } from '../../decision.ts';
import { openImages, type FleetView } from '../../observation.ts';
import type { Policy } from '../policy.ts';
import { releasable } from '../../scale-in.ts';
import { readArrivals, takeSample } from './arrivals.ts';
import { demandOf } from './demand.ts';
import { expectTimes, type Times } from './expect-times.ts';
import { explainDeadline } from './explain-deadline.ts';
import { keptByHistory, keptLevels, needLevels, skipTime, type KeptUntil } from './levels.ts';
import { missingWorkers } from './missing-workers.ts';
import { supplyOf } from './supply.ts';
import type { Terms } from './terms.ts';
import { DEFAULT_TUNING, type Tuning } from './tuning.ts';

/**
 * Launches workers if the work within the horizon is more than the present workers, booting ones included, can do
 * in it. Keeps the workers that sustained arrivals need. Releases a worker when it was not needed for the time that
 * its level has learned. docs/scaling.md has the formula.
 */
export const deadline: Policy = (input, memory, settings, now) => {
  const tuning = settings.tuning ?? DEFAULT_TUNING;
  const { backlog, fleet, learned, completed, refused } = input;
  const within = limitedTo(settings);

  const times = expectTimes(learned, settings.targetWaitSeconds, tuning);
  const samples = takeSample(memory.samples, backlog, completed, now);
  const arrivals = readArrivals(samples);
  const supply = supplyOf(fleet, times, tuning, now);
  const demand = demandOf(openImages(backlog, fleet) + refused, arrivals, times, tuning);

  const missing = missingWorkers(demand.work, demand.need, supply, times);
  const wanted = Math.max(missing > 0 ? supply.live + missing : 0, demand.steady);

  const needed = within(Math.max(wanted, demand.keep));
  const keptUntil = keptUntilBy(settings, times, tuning);
  const unobservedMs = memory.unseenSinceMs === null ? 0 : now - memory.unseenSinceMs;
  const known = skipTime(memory.levels, unobservedMs);
  const reasons = { levels: needed, steady: demand.steady };
  // The replacement in a roll, or a worker for jobs, is no new level.
  const others = (input.rolling && known.length > 0) || (input.jobs && memory.samples.length > 0);
  const seen = others ? 0 : supply.live;
  const levels = needLevels(known, reasons, seen, tuning, now);
  const kept = Math.min(supply.live, keptLevels(levels, needed, keptUntil, now));
  const lastKept = kept > needed ? levels[kept - 1] : undefined;
  const want = Math.max(wanted, kept);

  const terms: Terms = {
    rate15: arrivals.rate15,
    rate60: arrivals.rate60,
    sustained: arrivals.sustained,
    forecastSeconds: demand.forecastSeconds,
    forecastRate: demand.forecastRate,
    serviceSeconds: times.service,
    bootP50Seconds: times.bootP50,
    bootP95Seconds: times.bootP95,
    horizonSeconds: times.horizon,
    workImages: demand.work,
    ...(refused > 0 && { refusedImages: refused }),
    needImages: demand.need,
    capacityImages: supply.images,
    up: supply.up,
    booting: supply.bootsDueInSeconds.length,
    overdue: supply.overdue,
    bootsDueSeconds: supply.bootsDueInSeconds.at(-1) ?? 0,
    missing,
    steady: demand.steady,
    needed,
    kept,
    want,
    keptForSeconds: lastKept === undefined ? 0 : (keptUntil(lastKept) - now) / 1000,
  };
  return {
    desired: within(want),
    needed,
    live: supply.live,
    releasable: releasable(fleet, releaseRule(times), now),
    // A configured idle time replaces the minimum age.
    leastAgeSeconds: settings.idleBeforeReleaseSeconds === undefined ? tuning.leastAgeSeconds : 0,
    memory: { samples, levels },
    terms,
    explain: (decision, released) =>
      explainDeadline({
        ...{ backlog, terms, decision, released, limits: settings },
        suspected: leftIn('suspected', fleet, decision),
        draining: leftIn('draining', fleet, decision),
        drained: leftIn('drained', fleet, decision),
      }),
  };
};

const limitedTo =
  ({ minWorkers, maxWorkers }: ScalingSettings) =>
  (workers: number) =>
    Math.min(maxWorkers, Math.max(minWorkers, workers));

/** A configured idle time applies to every level. */
function keptUntilBy(
  { idleBeforeReleaseSeconds }: ScalingSettings,
  times: Times,
  tuning: Tuning,
): KeptUntil {
  if (idleBeforeReleaseSeconds !== undefined)
    return ({ neededAtMs }) => neededAtMs + 1000 * idleBeforeReleaseSeconds;
  const relaunchCostSeconds = tuning.relaunchCostBoots * times.bootP50;
  return (level) => keptByHistory(level, relaunchCostSeconds, tuning);
}

/** Workers in this state that are neither resumed nor terminated. */
function leftIn(
  wanted: 'draining' | 'drained' | 'suspected',
  { workers }: FleetView,
  { resume, terminate }: Decision,
): number {
  const taken = new Set([...resume, ...terminate]);
  return workers.filter(({ id, state }) => state === wanted && !taken.has(id)).length;
}

/** The idle time is decided by the level, not by this rule. Overdue boots are terminated by F7. */
const releaseRule = (times: Times) => ({
  idleSeconds: 0,
  betweenImages: true,
  bootsBelowSeconds: times.bootOverdue,
});
