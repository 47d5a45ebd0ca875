import { markdownTable } from '../markdown-table.ts';
import { formatSeconds, formatUsd } from './formats.ts';
import type { PolicySummary, WorkloadSummary } from './summarise.ts';

/** Our policy on each workload, with the bound and the cheapest rival that keeps the target. */
export const workloadTable = (summaries: readonly WorkloadSummary[], ours: string): string =>
  markdownTable(
    [
      'Workload',
      'What comes',
      `Cost of ${ours}`,
      'Over bound',
      'p95',
      'Cheapest other that keeps the target',
    ],
    summaries.map((summary) => row(summary, ours)),
    2,
  );

function row({ workload, policies }: WorkloadSummary, ours: string): string[] {
  const own = policies.find(({ policy }) => policy === ours);
  const keepsTarget = ({ waits }: PolicySummary) => waits.p95 <= workload.world.targetWaitSeconds;
  const other = policies.find((each) => each.policy !== ours && keepsTarget(each));
  return [
    workload.name,
    workload.about,
    own === undefined ? '' : formatUsd(own.usd),
    own?.overBound === undefined
      ? ''
      : `${own.overBound.toFixed(2)}${keepsTarget(own) ? '' : ' *'}`,
    own === undefined ? '' : formatSeconds(own.waits.p95),
    other === undefined
      ? 'none'
      : `${other.policy}, ${formatUsd(other.usd)}, ${formatSeconds(other.waits.p95)}`,
  ];
}
