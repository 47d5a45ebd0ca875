import { markdownTable } from '../markdown-table.ts';
import { formatSeconds, formatUsd } from './formats.ts';
import type { PolicyOverview } from './overview.ts';
import type { WorkloadSummary } from './summarise.ts';
import type { Claim } from './verdict.ts';

/** The summary of the whole report. */
export function conclusion(overviews: readonly PolicyOverview[]): string {
  const [own, ...others] = overviews;
  if (own === undefined) return 'Our own policy was not run.';
  const kept = ({ keepsTarget, workloads }: PolicyOverview) => `${keepsTarget} of ${workloads}`;
  const lines = [
    `\`${own.policy}\` answers 95 % of all images within the target wait on ${kept(own)} workloads${own.interrupted === 0 ? ', and stops no busy worker' : ''}.`,
  ];
  const [closest] = others;
  if (closest !== undefined)
    lines.push(
      `Of the others, \`${closest.policy}\` does so most often, on ${kept(closest)}, at ${times(closest.costShare)} the cost.`,
    );
  const cheapest = others.toSorted((a, b) => a.costShare - b.costShare)[0];
  if (cheapest !== undefined && cheapest !== closest)
    lines.push(
      `The cheapest of the others is \`${cheapest.policy}\`, at ${times(cheapest.costShare)} the cost: it does so on ${kept(cheapest)}${cheapest.interrupted === 0 ? '' : `, and stops ${cheapest.interrupted} workers amid their work`}.`,
    );
  return lines.join(' ');
}

export const verdictTable = (claims: readonly Claim[]): string =>
  markdownTable(
    ['Claim', 'Holds', 'Figures'],
    claims.map(({ claim, holds, figures }) => [claim, holds ? 'yes' : '**no**', figures]),
    3,
  );

export const overviewTable = (overviews: readonly PolicyOverview[]): string =>
  markdownTable(
    [
      ...['Policy', 'Keeps the target on', 'Cost relative to ours'],
      ...['Cheaper on', 'Shorter p95 on', 'Busy workers stopped'],
    ],
    overviews.map((each, index) => [
      index === 0 ? `**${each.policy}**` : each.policy,
      String(each.keepsTarget),
      share(each.costShare),
      ...(index === 0 ? ['', ''] : [each.cheaper, each.faster].map(String)),
      String(each.interrupted),
    ]),
  );

/** Our policy on each workload, with the bound and the cheapest rival that keeps the target. */
export const workloadTable = (summaries: readonly WorkloadSummary[], ours: string): string =>
  markdownTable(
    [
      ...['Workload', 'What comes', `Cost of ${ours}`, 'Over bound', 'p95'],
      'Cheapest other that keeps the target',
    ],
    summaries.map(({ workload, policies, own }) => {
      const other = policies.find((each) => each !== own && each.keepsTarget);
      return [
        workload.name,
        workload.about,
        own === undefined ? '' : formatUsd(own.usd),
        own?.overBound === undefined
          ? ''
          : `${own.overBound.toFixed(2)}${own.keepsTarget ? '' : ' *'}`,
        own === undefined ? '' : formatSeconds(own.p95),
        other === undefined
          ? 'none'
          : `${other.policy}, ${formatUsd(other.usd)}, ${formatSeconds(other.p95)}`,
      ];
    }),
    2,
  );

const share = (of: number): string => of.toFixed(of < 10 ? 2 : 1);
const times = (of: number): string => `${share(of)} times`;
