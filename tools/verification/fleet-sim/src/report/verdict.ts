import type { RunResult } from '../types.ts';
import { label, plural, seconds, type Claim } from './claim.ts';
import { closeToBound } from './close-to-bound.ts';
import { formatPercent } from './formats.ts';
import { headToHead } from './head-to-head.ts';
import type { ReportInput } from './report-input.ts';
import { summarise } from './summarise.ts';

/**
 * Checks the claims about our policy: for each seed and, when policies are compared, for the means too, because
 * with one seed the better of two close policies is chance.
 * @param days workloads on which cost is compared with the bound
 */
export function judge(report: ReportInput, days: readonly string[]): Claim[] {
  const { ours, results, bounds, workloads } = report;
  const own = results.filter(({ policy }) => policy === ours);
  const targets = new Map(workloads.map(({ name, world }) => [name, world.targetWaitSeconds]));
  return [
    neverInterrupts(own),
    ...days
      .filter((day) => workloads.some(({ name }) => name === day))
      .map((day) => closeToBound(day, own, bounds, targets.get(day) ?? 0)),
    neverBeatenOnAverage(report),
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

function neverBeatenOnAverage(report: ReportInput): Claim {
  const summaries = summarise(report);
  const beaten = headToHead(summaries, report.ours).filter((better) => better.in === 'both');
  return {
    claim:
      'On no workload is another policy better in both cost and p95, by the means of all seeds',
    holds:
      summaries.some(({ policies }) => policies.some(({ policy }) => policy === report.ours)) &&
      beaten.length === 0,
    figures: `${plural(summaries.length, 'workload')}, ${beaten.length} times another one better in both`,
    against: beaten.map(
      ({ workload, policy, costShare, p95Seconds, oursP95Seconds }) =>
        `${workload}: ${policy} at ${formatPercent(costShare, 1)} of the cost and ${seconds(p95Seconds)} instead of ${seconds(oursP95Seconds)}`,
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
    claim: 'Nor in any single run with the same workload and seed',
    holds: own.length > 0 && beaten.length === 0,
    figures: `${plural(results.length - own.length, 'run')} of others, ${plural(beaten.length, 'run')} better in both`,
    against: beaten.map(
      ({ rival, run }) =>
        `${label(run)}: ${rival.policy} at ${formatPercent(rival.billedSeconds / run.billedSeconds, 1)} of the cost and ${seconds(rival.waits.p95)} instead of ${seconds(run.waits.p95)}`,
    ),
  };
}

/** True if a policy is better in both. */
const beats = (rival: RunResult, run: RunResult): boolean =>
  rival.billedSeconds < run.billedSeconds && rival.waits.p95 < run.waits.p95;

/** The verdict for a terminal: a line for each claim, followed by the runs in which it does not hold. */
export const formatVerdict = (claims: readonly Claim[], most = 10): string =>
  claims
    .flatMap(({ claim, holds, figures, against }) => [
      `${holds ? 'holds' : 'FAILS'}  ${claim}`,
      `       ${figures}`,
      ...against.slice(0, most).map((line) => `       - ${line}`),
      ...(against.length > most ? [`       - and ${against.length - most} more`] : []),
    ])
    .join('\n');
