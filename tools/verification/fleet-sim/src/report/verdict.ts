import type { RunResult } from '../types.ts';
import { closeToBound } from './close-to-bound.ts';
import { formatPercent } from './formats.ts';
import type { ReportInput } from './report-input.ts';
import { summarise } from './summarise.ts';

/** A claim about our policy, and whether the runs confirm it. */
export interface Claim {
  claim: string;
  holds: boolean;
  /** The numbers that decide it. */
  figures: string;
  /** The runs in which it does not hold. */
  against: readonly string[];
}

/**
 * Checks the claims about our policy: for each seed and, when policies are compared, for the means too, because
 * with one seed the better of two close policies is chance.
 * @param days workloads on which cost is compared with the bound
 */
export function judge(report: ReportInput, days: readonly string[]): Claim[] {
  const { ours, results, bounds, workloads } = report;
  const own = results.filter(({ policy }) => policy === ours);
  return [
    neverInterrupts(own),
    ...workloads
      .filter(({ name }) => days.includes(name))
      .map(({ name, world }) => closeToBound(name, own, bounds, world.targetWaitSeconds)),
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
  const against = summaries.flatMap(({ workload, policies, own }) =>
    policies.flatMap((rival) =>
      own !== undefined && rival.usd < own.usd && rival.p95 < own.p95
        ? `${workload.name}: ${beating(rival.policy, rival.usd / own.usd, rival.p95, own.p95)}`
        : [],
    ),
  );
  return {
    claim:
      'On no workload is another policy better in both cost and p95, by the means of all seeds',
    holds: summaries.some(({ own }) => own !== undefined) && against.length === 0,
    figures: `${plural(summaries.length, 'workload')}, ${against.length} times another one better in both`,
    against,
  };
}

function neverBeaten(own: readonly RunResult[], results: readonly RunResult[]): Claim {
  const ofRun = Map.groupBy(results, label);
  const against = own.flatMap((run) =>
    (ofRun.get(label(run)) ?? []).flatMap((rival) => {
      const share = rival.billedSeconds / run.billedSeconds;
      return share < 1 && rival.waits.p95 < run.waits.p95
        ? `${label(run)}: ${beating(rival.policy, share, rival.waits.p95, run.waits.p95)}`
        : [];
    }),
  );
  return {
    claim: 'Nor in any single run with the same workload and seed',
    holds: own.length > 0 && against.length === 0,
    figures: `${plural(results.length - own.length, 'run')} of others, ${plural(against.length, 'run')} better in both`,
    against,
  };
}

const beating = (rival: string, costShare: number, p95: number, oursP95: number): string =>
  `${rival} at ${formatPercent(costShare, 1)} of the cost and ${p95.toFixed(2)} s instead of ${oursP95.toFixed(2)} s`;

const label = ({ workload, seed }: RunResult) => `${workload}, seed ${seed}`;

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

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
