import { formatPercent, formatSeconds, markdownTable } from './formats.ts';
import type { Better } from './head-to-head.ts';

const KINDS = [
  ['both', 'Better in both'],
  ['cost', 'Cheaper, with longer waits'],
  ['wait', 'Shorter waits, at a higher cost'],
] as const;

/** Where another policy is better than ours, by how much. */
export function headToHeadPage(betters: readonly Better[], ours: string): string {
  return `${[
    '# Where another policy is better',
    '<!-- Written by the command npm run fleet-sim. -->',
    `Every policy that costs less than \`${ours}\`, or answers 95 % of images sooner, on any workload; means over all seeds. The reasons are in [why.md](why.md).`,
    ...KINDS.flatMap(([kind, title]) => {
      const ofKind = betters.filter((better) => better.in === kind);
      return [`## ${title}`, ofKind.length === 0 ? 'Nowhere.' : table(ofKind, ours)];
    }),
  ].join('\n\n')}\n`;
}

const table = (betters: readonly Better[], ours: string): string =>
  markdownTable(
    ['Workload', 'Policy', 'Cost beside ours', 'p95', `p95 of ${ours}`, 'Keeps the target'],
    betters.map((better) => [
      better.workload,
      better.policy,
      formatPercent(better.costShare, 1),
      formatSeconds(better.p95Seconds),
      formatSeconds(better.oursP95Seconds),
      better.keepsTarget ? 'yes' : 'no',
    ]),
    2,
  );
