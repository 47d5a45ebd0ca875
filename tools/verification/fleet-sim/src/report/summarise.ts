import { mean, sumOf } from '../statistics.ts';
import type { RunResult, Sample } from '../types.ts';
import type { ReportedWorkload, ReportInput } from './report-input.ts';

/** One policy on one workload: means over the seeds, unless noted. */
export interface PolicySummary {
  policy: string;
  usd: number;
  p95: number;
  /** Billed seconds divided by the bound for the target wait; undefined if that was not computed. */
  overBound: number | undefined;
  keepsTarget: boolean;
  /** Sum over all seeds. */
  interrupted: number;
  /** Of the first seed. */
  series: readonly Sample[];
}

export interface WorkloadSummary {
  workload: ReportedWorkload;
  runs: number;
  /** Mean of the bounds for the target wait, in USD; undefined if none was computed. */
  boundUsd: number | undefined;
  /** The cheapest first. */
  policies: readonly PolicySummary[];
  own: PolicySummary | undefined;
}

/** The data of the tables and charts for each workload that was run. */
export function summarise({ ours, workloads, results, bounds }: ReportInput): WorkloadSummary[] {
  return workloads.flatMap((workload) => {
    const runs = results.filter((result) => result.workload === workload.name);
    if (runs.length === 0) return [];
    const { billing, targetWaitSeconds } = workload.world;
    const ofTarget = bounds.filter(
      (each) => each.workload === workload.name && each.keeps === 'target',
    );
    const bound =
      ofTarget.length === 0 ? undefined : mean(ofTarget.map((each) => each.billedSeconds));
    const policies = [...Map.groupBy(runs, ({ policy }) => policy)]
      .map(([policy, ofPolicy]) => summarisePolicy(policy, ofPolicy, bound, targetWaitSeconds))
      .sort((a, b) => a.usd - b.usd || (a.policy < b.policy ? -1 : 1));
    return {
      workload,
      runs: runs.length,
      boundUsd: bound === undefined ? undefined : (bound / 3600) * billing.usdPerHour,
      policies,
      own: policies.find(({ policy }) => policy === ours),
    };
  });
}

function summarisePolicy(
  policy: string,
  runs: readonly RunResult[],
  bound: number | undefined,
  targetWaitSeconds: number,
): PolicySummary {
  const over = (value: (run: RunResult) => number) => mean(runs.map(value));
  const p95 = over(({ waits }) => waits.p95);
  return {
    policy,
    usd: over((run) => run.usd),
    p95,
    overBound: bound === undefined ? undefined : over((run) => run.billedSeconds) / bound,
    keepsTarget: p95 <= targetWaitSeconds,
    interrupted: sumOf(runs.map((run) => run.interrupted)),
    series: runs.toSorted((a, b) => a.seed - b.seed)[0]?.series ?? [],
  };
}
