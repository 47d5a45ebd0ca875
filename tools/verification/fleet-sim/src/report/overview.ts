import { mean, sumOf } from '../statistics.ts';
import type { WorkloadSummary } from './summarise.ts';

/** One policy over all workloads that ours was run on as well. */
export interface PolicyOverview {
  policy: string;
  workloads: number;
  /** Workloads on which the 95th percentile is within the target. */
  keepsTarget: number;
  /** Cost relative to ours: geometric mean over the workloads. */
  costShare: number;
  /** Numbers of workloads on which it is better than ours. */
  cheaper: number;
  faster: number;
  interrupted: number;
}

/** Ours first, then those that keep the target most often, then the cheapest. */
export function overview(summaries: readonly WorkloadSummary[], ours: string): PolicyOverview[] {
  const pairs = summaries.flatMap(({ policies, own }) =>
    own === undefined ? [] : policies.map((each) => ({ each, own })),
  );
  const overviews = [...Map.groupBy(pairs, ({ each }) => each.policy)].map(([policy, of]) => {
    const count = (holds: (pair: (typeof pairs)[number]) => boolean) => of.filter(holds).length;
    return {
      policy,
      workloads: of.length,
      keepsTarget: count(({ each }) => each.keepsTarget),
      costShare: Math.exp(mean(of.map(({ own, each }) => Math.log(each.usd / own.usd)))),
      cheaper: count(({ each, own }) => each.usd < own.usd),
      faster: count(({ each, own }) => each.p95 < own.p95),
      interrupted: sumOf(of.map(({ each }) => each.interrupted)),
    };
  });
  return overviews.sort(
    (a, b) =>
      Number(b.policy === ours) - Number(a.policy === ours) ||
      b.keepsTarget - a.keepsTarget ||
      a.costShare - b.costShare,
  );
}
