import type { RunResult } from '../types.ts';
import type { RunBound } from './report-input.ts';
import type { Claim } from './verdict.ts';

/** The allowed cost relative to a clairvoyant schedule. */
const MOST_OVER_BOUND = 1.25;

/** A run compared with clairvoyant schedules. */
interface ComparedWithBounds {
  run: RunResult;
  /** The longest 95th percentile of any hour, in seconds. */
  worstHour: number;
  /** Cost divided by the bound; undefined: not computed. */
  over: (keeps: RunBound['keeps']) => number | undefined;
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
    .map((run): ComparedWithBounds => {
      const ofRun = bounds.filter((each) => each.workload === day && each.seed === run.seed);
      return {
        run,
        worstHour: Math.max(0, ...run.hourlyP95.map((p95) => p95 ?? 0)),
        over: (keeps) => {
          const bound = ofRun.find((each) => each.keeps === keeps);
          return bound && run.billedSeconds / bound.billedSeconds;
        },
      };
    });
  const failing = runs.filter(
    (compared) => deciding(compared) > MOST_OVER_BOUND || compared.worstHour > targetSeconds,
  );
  return {
    claim: `${day}: p95 within ${targetSeconds} s in every hour, at no more than ${MOST_OVER_BOUND} times the cost of the best clairvoyant schedule with the same p95 in every hour`,
    holds: runs.length > 0 && failing.length === 0,
    figures: runs.length === 0 ? 'not run' : atWorst(runs),
    against: failing.map(
      (compared) =>
        `${day}, seed ${compared.run.seed}: ${times(deciding(compared))}, ${compared.worstHour.toFixed(2)} s in its worst hour`,
    ),
  };
}

const deciding = ({ over }: ComparedWithBounds): number =>
  over('hourly') ?? over('target') ?? Infinity;

function atWorst(runs: readonly ComparedWithBounds[]): string {
  const worst = (value: (compared: ComparedWithBounds) => number) => Math.max(...runs.map(value));
  const over = (keeps: RunBound['keeps']) => times(worst((each) => each.over(keeps) ?? Infinity));
  const hour = worst(({ worstHour }) => worstHour).toFixed(2);
  const day = worst(({ run }) => run.waits.p95).toFixed(2);
  return [
    `at worst ${times(worst(deciding))}, ${hour} s`,
    `${over('same')} the best with the same p95, ${day} s, over the whole day`,
    `${over('target')} the best with a p95 on target`,
    `${over('all')} the best with every image on target`,
  ].join('; ');
}

const times = (ratio: number): string =>
  Number.isFinite(ratio) ? `${ratio.toFixed(3)} times` : 'no bound:';
