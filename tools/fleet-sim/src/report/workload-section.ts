import {
  formatCount,
  formatLength,
  formatPercent,
  formatSeconds,
  formatUsd,
  markdownTable,
} from './formats.ts';
import type { PolicySummary, WorkloadSummary } from './summarise.ts';

export const planeFile = (workload: string): string => `${workload}-plane.svg`;
export const fleetFile = (workload: string): string => `${workload}-fleet.svg`;

/** One workload: its pictures and its table. */
export function workloadSection(summary: WorkloadSummary, ours: string): string {
  const { workload, seeds, images, boundUsd, policies } = summary;
  const { targetWaitSeconds, maxWorkers } = workload.world;
  const { name, about, durationSeconds } = workload;
  const facts = [
    `${formatCount(images)} images in ${formatLength(durationSeconds)}`,
    `target ${formatSeconds(targetWaitSeconds)}`,
    `at most ${maxWorkers} workers`,
    `${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`,
    ...(boundUsd === undefined ? [] : [`bound ${formatUsd(boundUsd)}`]),
  ];
  return [
    `### ${name}`,
    `${capital(about)}. ${capital(facts.join(', '))}.`,
    `![Cost and wait of each policy on ${name}](${planeFile(name)})`,
    `![Fleet and backlog over time of each policy on ${name}](${fleetFile(name)})`,
    table(policies, targetWaitSeconds, ours),
  ].join('\n\n');
}

function table(policies: readonly PolicySummary[], target: number, ours: string): string {
  const header = [
    'Policy',
    'Cost',
    'Over bound',
    'Mean',
    'p50',
    'p95',
    'p99',
    'Within target',
    'Stopped',
    'Launches',
    'Peak',
  ];
  const lost = policies.some(({ unanswered }) => unanswered > 0);
  return markdownTable(
    lost ? [...header, 'Unanswered'] : header,
    policies.map((each) => {
      const { waits } = each;
      const late = waits.p95 > target;
      return [
        each.policy === ours ? `**${each.policy}**` : each.policy,
        formatUsd(each.usd),
        each.overBound === undefined ? '' : `${each.overBound.toFixed(2)}${late ? ' *' : ''}`,
        formatSeconds(waits.mean),
        formatSeconds(waits.p50),
        formatSeconds(waits.p95),
        formatSeconds(waits.p99),
        formatPercent(each.withinTarget, 1),
        String(each.interrupted),
        each.launches.toFixed(1),
        String(each.peak),
        ...(lost ? [formatCount(each.unanswered)] : []),
      ];
    }),
  );
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
