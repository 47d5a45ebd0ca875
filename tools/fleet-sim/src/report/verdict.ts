import type { RunResult } from '../types.ts';
import { label, percent, plural, seconds, type Claim } from './claim.ts';
import { closeToBound } from './close-to-bound.ts';
import type { ReportInput } from './report-input.ts';

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
