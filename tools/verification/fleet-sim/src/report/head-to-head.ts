import type { PolicySummary, WorkloadSummary } from './summarise.ts';

/** Another policy that beats ours in cost, p95 or both on a workload, by the means over the seeds. */
export interface Better {
  workload: string;
  policy: string;
  in: 'cost' | 'wait' | 'both';
  /** Cost relative to ours. */
  costShare: number;
  p95Seconds: number;
  oursP95Seconds: number;
  keepsTarget: boolean;
}

/** All policies that are better in something, by workload. */
export function headToHead(summaries: readonly WorkloadSummary[], ours: string): Better[] {
  return summaries.flatMap(({ workload, policies }) => {
    const own = policies.find(({ policy }) => policy === ours);
    if (own === undefined) return [];
    return policies.flatMap((rival) => {
      const better = compare(rival, own);
      if (better === undefined) return [];
      return {
        workload: workload.name,
        policy: rival.policy,
        in: better,
        costShare: rival.usd / own.usd,
        p95Seconds: rival.waits.p95,
        oursP95Seconds: own.waits.p95,
        keepsTarget: rival.waits.p95 <= workload.world.targetWaitSeconds,
      };
    });
  });
}

function compare(rival: PolicySummary, own: PolicySummary): Better['in'] | undefined {
  const cheaper = rival.usd < own.usd;
  const faster = rival.waits.p95 < own.waits.p95;
  if (cheaper && faster) return 'both';
  if (cheaper) return 'cost';
  return faster ? 'wait' : undefined;
}
