import { mean, sumOf } from '../statistics.ts';
import type { RunResult, Sample, WaitSummary } from '../types.ts';
import type { ReportedWorkload, ReportInput, RunBound } from './report-input.ts';

/** One policy on one workload: means over the seeds, unless noted. */
export interface PolicySummary {
  policy: string;
  usd: number;
  billedSeconds: number;
  /** Billed seconds divided by the bound for the target wait; undefined if that was not computed. */
  overBound: number | undefined;
  waits: WaitSummary;
  withinTarget: number;
  launches: number;
  /** Sum over all seeds. */
  interrupted: number;
  /** Sum over all seeds. */
  unanswered: number;
  /** Of all seeds. */
  peak: number;
  /** Of the first seed. */
  series: readonly Sample[];
}

export interface WorkloadSummary {
  workload: ReportedWorkload;
  seeds: number;
  /** Mean of the bounds for the target wait, in USD; undefined if none was computed. */
  boundUsd: number | undefined;
  /** The cheapest first. */
  policies: readonly PolicySummary[];
}

/** The data of the tables and charts for each workload that was run. */
export function summarise({ workloads, results, bounds }: ReportInput): WorkloadSummary[] {
  return workloads.flatMap((workload) => {
    const runs = results.filter((result) => result.workload === workload.name);
    if (runs.length === 0) return [];
    const bound = meanBound(bounds, workload.name);
    const byPolicy = Object.values(Object.groupBy(runs, ({ policy }) => policy));
    const policies = byPolicy.map((ofPolicy = []) => summarisePolicy(ofPolicy, bound));
    return {
      workload,
      seeds: new Set(runs.map(({ seed }) => seed)).size,
      boundUsd:
        bound === undefined ? undefined : (bound / 3600) * workload.world.billing.usdPerHour,
      policies: policies.toSorted((a, b) => a.usd - b.usd || (a.policy < b.policy ? -1 : 1)),
    };
  });
}

function summarisePolicy(runs: readonly RunResult[], bound: number | undefined): PolicySummary {
  const over = (value: (run: RunResult) => number) => mean(runs.map(value));
  const billedSeconds = over((run) => run.billedSeconds);
  return {
    policy: runs[0]?.policy ?? '',
    usd: over((run) => run.usd),
    billedSeconds,
    overBound: bound === undefined ? undefined : billedSeconds / bound,
    waits: {
      mean: over(({ waits }) => waits.mean),
      p50: over(({ waits }) => waits.p50),
      p95: over(({ waits }) => waits.p95),
      p99: over(({ waits }) => waits.p99),
    },
    withinTarget: over((run) => run.withinTarget),
    launches: over((run) => run.launches),
    interrupted: sumOf(runs.map((run) => run.interrupted)),
    unanswered: sumOf(runs.map((run) => run.unanswered)),
    peak: Math.max(...runs.map((run) => run.peak)),
    series: runs.toSorted((a, b) => a.seed - b.seed)[0]?.series ?? [],
  };
}

function meanBound(bounds: readonly RunBound[], workload: string): number | undefined {
  const ofTarget = bounds.filter(
    (bound) => bound.workload === workload && bound.keeps === 'target',
  );
  return ofTarget.length === 0 ? undefined : mean(ofTarget.map((bound) => bound.billedSeconds));
}
