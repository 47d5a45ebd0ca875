import type { Better } from './head-to-head.ts';
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
export function overview(
  summaries: readonly WorkloadSummary[],
  betters: readonly Better[],
  ours: string,
): PolicyOverview[] {
  const pairs = summaries.flatMap(({ workload, policies }) => {
    const own = policies.find(({ policy }) => policy === ours);
    return own === undefined ? [] : policies.map((each) => ({ workload, own, each }));
  });
  const byPolicy = Map.groupBy(pairs, ({ each }) => each.policy);
  const overviews = [...byPolicy].map(([policy, ofPolicy]): PolicyOverview => {
    const better = betters.filter((each) => each.policy === policy);
    const logs = ofPolicy.map(({ own, each }) => Math.log(each.usd / own.usd));
    return {
      policy,
      workloads: ofPolicy.length,
      keepsTarget: ofPolicy.filter(
        ({ workload, each }) => each.waits.p95 <= workload.world.targetWaitSeconds,
      ).length,
      costShare: Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length),
      cheaper: better.filter((each) => each.in !== 'wait').length,
      faster: better.filter((each) => each.in !== 'cost').length,
      interrupted: ofPolicy.reduce((sum, { each }) => sum + each.interrupted, 0),
    };
  });
  return overviews.toSorted(
    (a, b) =>
      Number(b.policy === ours) - Number(a.policy === ours) ||
      b.keepsTarget - a.keepsTarget ||
      a.costShare - b.costShare,
  );
}
