import type { RunResult } from '../types.ts';
import { label, seconds, type Claim } from './claim.ts';
import type { RunBound } from './report-input.ts';

/** What a clairvoyant schedule costs may be exceeded by this factor. */
const MOST_OVER_BOUND = 1.25;

/** One run beside what clairvoyant schedules cost; undefined: not worked out. */
interface BesideBounds {
  run: RunResult;
  same: number | undefined;
  target: number | undefined;
  all: number | undefined;
}

/**
 * That our policy costs little more on one day than the best schedule that keeps the same 95th percentile, and
 * keeps the target. Where the bound for the same percentile is not known, the one for the target, which is lower,
 * decides.
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
    (beside) => over(beside) > MOST_OVER_BOUND || beside.run.waits.p95 > targetSeconds,
  );
  return {
    claim: `${day}: at most ${MOST_OVER_BOUND} times what the best clairvoyant schedule costs that keeps the same 95th percentile, and that within ${targetSeconds} s`,
    holds: runs.length > 0 && failing.length === 0,
    figures: runs.length === 0 ? 'not run' : atWorst(runs),
    against: failing.map(
      (beside) =>
        `${label(beside.run)}: ${times(over(beside))} at ${seconds(beside.run.waits.p95)}`,
    ),
  };
}

function besideBounds(run: RunResult, bounds: readonly RunBound[]): BesideBounds {
  const beside = (keeps: RunBound['keeps']) => {
    const bound = bounds.find(
      (each) => each.workload === run.workload && each.seed === run.seed && each.keeps === keeps,
    );
    return bound === undefined ? undefined : run.billedSeconds / bound.billedSeconds;
  };
  return { run, same: beside('same'), target: beside('target'), all: beside('all') };
}

const over = ({ same, target }: BesideBounds): number => same ?? target ?? Infinity;

function atWorst(runs: readonly BesideBounds[]): string {
  const worst = (value: (beside: BesideBounds) => number | undefined) =>
    Math.max(...runs.map((beside) => value(beside) ?? Infinity));
  return [
    `at worst ${times(worst(over))} at ${seconds(worst(({ run }) => run.waits.p95))}`,
    `${times(worst(({ target }) => target))} the best that uses the target up`,
    `${times(worst(({ all }) => all))} the best that lets no image wait longer than the target`,
  ].join('; ');
}

const times = (ratio: number): string =>
  Number.isFinite(ratio) ? `${ratio.toFixed(3)} times` : 'no bound:';
