import type { RunResult } from '../types.ts';
import { label, seconds, type Claim } from './claim.ts';
import type { RunBound } from './report-input.ts';

/** The allowed cost relative to a clairvoyant schedule. */
const MOST_OVER_BOUND = 1.25;

/** A run compared with clairvoyant schedules. */
interface ComparedWithBounds {
  run: RunResult;
  /** The longest 95th percentile of any hour, in seconds. */
  worstHour: number;
  /** Cost divided by each bound; undefined: not computed. */
  over: Record<RunBound['keeps'], number | undefined>;
}

/**
 * The claim that our policy keeps the target in every hour of a day and costs little more than the best schedule
 * with the same hourly 95th percentiles. Without that bound the one for the target over the whole day decides: it
 * is lower, so the claim is harder to meet.
 */
export function closeToBound(
  day: string,
  own: readonly RunResult[],
  bounds: readonly RunBound[],
  targetSeconds: number,
): Claim {
  const runs = own
    .filter(({ workload }) => workload === day)
    .map((run) => besideBounds(run, bounds));
  const failing = runs.filter(
    (compared) => deciding(compared) > MOST_OVER_BOUND || compared.worstHour > targetSeconds,
  );
  return {
    claim: `${day}: p95 within ${targetSeconds} s in every hour, at no more than ${MOST_OVER_BOUND} times the cost of the best clairvoyant schedule with the same p95 in every hour`,
    holds: runs.length > 0 && failing.length === 0,
    figures: runs.length === 0 ? 'not run' : atWorst(runs),
    against: failing.map(
      (compared) =>
        `${label(compared.run)}: ${times(deciding(compared))}, ${seconds(compared.worstHour)} in its worst hour`,
    ),
  };
}

function besideBounds(run: RunResult, bounds: readonly RunBound[]): ComparedWithBounds {
  const over = (keeps: RunBound['keeps']) => {
    const bound = bounds.find(
      (each) => each.workload === run.workload && each.seed === run.seed && each.keeps === keeps,
    );
    return bound === undefined ? undefined : run.billedSeconds / bound.billedSeconds;
  };
  return {
    run,
    worstHour: Math.max(0, ...run.hourlyP95.map((p95) => p95 ?? 0)),
    over: {
      hourly: over('hourly'),
      same: over('same'),
      target: over('target'),
      all: over('all'),
    },
  };
}

const deciding = ({ over }: ComparedWithBounds): number => over.hourly ?? over.target ?? Infinity;

function atWorst(runs: readonly ComparedWithBounds[]): string {
  const worst = (value: (compared: ComparedWithBounds) => number | undefined) =>
    Math.max(...runs.map((compared) => value(compared) ?? Infinity));
  return [
    `at worst ${times(worst(deciding))}, ${seconds(worst(({ worstHour }) => worstHour))}`,
    `${times(worst(({ over }) => over.same))} the best with the same p95, ${seconds(worst(({ run }) => run.waits.p95))}, over the whole day`,
    `${times(worst(({ over }) => over.target))} the best with a p95 on target`,
    `${times(worst(({ over }) => over.all))} the best with every image on target`,
  ].join('; ');
}

const times = (ratio: number): string =>
  Number.isFinite(ratio) ? `${ratio.toFixed(3)} times` : 'no bound:';
