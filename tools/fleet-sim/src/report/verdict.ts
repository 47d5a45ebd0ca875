import type { RunResult } from '../types.ts';
import type { ReportInput, RunBound } from './report-input.ts';

/** One thing that is claimed of our policy, and whether the runs bear it out. */
export interface Claim {
  claim: string;
  holds: boolean;
  /** The figures that decide. */
  figures: string;
  /** Where it does not hold, run by run. */
  against: readonly string[];
}

/** What a clairvoyant schedule costs may be exceeded by this. */
export const MOST_OVER_BOUND = 1.25;

/**
 * Holds all runs, each seed for itself, against what is claimed of our policy.
 * @param days workloads on which cost is held against the bound
 */
export function judge(
  { ours, results, bounds, workloads }: ReportInput,
  days: readonly string[],
): Claim[] {
  const own = results.filter(({ policy }) => policy === ours);
  const targets = new Map(workloads.map(({ name, world }) => [name, world.targetWaitSeconds]));
  return [
    neverInterrupts(own),
    ...days
      .filter((day) => workloads.some(({ name }) => name === day))
      .map((day) => closeToBound(day, own, bounds, targets.get(day) ?? 0)),
    neverBeaten(own, results),
  ];
}

function neverInterrupts(own: readonly RunResult[]): Claim {
  const interrupting = own.filter(({ interrupted }) => interrupted > 0);
  return {
    claim: 'No busy worker is stopped',
    holds: own.length > 0 && interrupting.length === 0,
    figures: `${plural(own.length, 'run')}, ${plural(interrupting.length, 'run')} with a busy worker stopped`,
    against: interrupting.map((run) => `${label(run)}: ${plural(run.interrupted, 'worker')}`),
  };
}

/** Where the bound for the wait that was kept is not known, the one for the target, which is lower. */
function closeToBound(
  day: string,
  own: readonly RunResult[],
  bounds: readonly RunBound[],
  targetSeconds: number,
): Claim {
  const runs = own.filter(({ workload }) => workload === day);
  const ratio = (run: RunResult, keeps: RunBound['keeps']) => {
    const bound = bounds.find(
      (each) => each.workload === day && each.seed === run.seed && each.keeps === keeps,
    );
    return bound === undefined ? undefined : run.billedSeconds / bound.billedSeconds;
  };
  const judged = runs.map((run) => {
    const atTarget = ratio(run, 'target');
    return {
      run,
      atTarget,
      all: ratio(run, 'all'),
      over: ratio(run, 'same') ?? atTarget ?? Infinity,
    };
  });
  const failing = judged.filter(
    ({ run, over }) => !(over <= MOST_OVER_BOUND && run.waits.p95 <= targetSeconds),
  );
  const worst = (list: readonly (number | undefined)[]) =>
    Math.max(...list.map((each) => each ?? 0));
  return {
    claim: `${day}: at most ${MOST_OVER_BOUND} times what the best clairvoyant schedule costs that keeps the same 95th percentile, and that within ${targetSeconds} s`,
    holds: runs.length > 0 && failing.length === 0,
    figures:
      runs.length === 0
        ? 'not run'
        : `at worst ${worst(judged.map(({ over }) => over)).toFixed(3)} times at ${seconds(worst(runs.map(({ waits }) => waits.p95)))}; ` +
          `${worst(judged.map(({ atTarget }) => atTarget)).toFixed(3)} times the best that uses the target up; ` +
          `${worst(judged.map(({ all }) => all)).toFixed(3)} times the best that leaves no image beyond the target`,
    against: failing.map(
      ({ run, over }) => `${label(run)}: ${over.toFixed(3)} times at ${seconds(run.waits.p95)}`,
    ),
  };
}

function neverBeaten(own: readonly RunResult[], results: readonly RunResult[]): Claim {
  const ofRun = Map.groupBy(results, ({ workload, seed }) => `${workload} ${seed}`);
  const beaten = own.flatMap((run) =>
    (ofRun.get(`${run.workload} ${run.seed}`) ?? [])
      .filter((rival) => beats(rival, run))
      .map((rival) => ({ rival, run })),
  );
  return {
    claim:
      'No other policy is better in both cost and 95th percentile on the same workload and seed',
    holds: own.length > 0 && beaten.length === 0,
    figures: `${plural(results.length - own.length, 'run')} of others, ${plural(beaten.length, 'run')} better in both`,
    against: beaten.map(
      ({ rival, run }) =>
        `${label(run)}: ${rival.policy} at ${percent(rival.billedSeconds / run.billedSeconds)} of the cost and ${seconds(rival.waits.p95)} instead of ${seconds(run.waits.p95)}`,
    ),
  };
}

/** Better in both, by however little. */
const beats = (rival: RunResult, run: RunResult): boolean =>
  rival.billedSeconds < run.billedSeconds && rival.waits.p95 < run.waits.p95;

/** The verdict for a terminal: a line for each claim, and below it where it does not hold. */
export const formatVerdict = (claims: readonly Claim[], most = 10): string =>
  claims
    .flatMap(({ claim, holds, figures, against }) => [
      `${holds ? 'holds' : 'FAILS'}  ${claim}`,
      `       ${figures}`,
      ...against.slice(0, most).map((line) => `       - ${line}`),
      ...(against.length > most ? [`       - and ${against.length - most} more`] : []),
    ])
    .join('\n');

const label = ({ workload, seed }: RunResult) => `${workload}, seed ${seed}`;
const seconds = (value: number) => `${value.toFixed(2)} s`;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
