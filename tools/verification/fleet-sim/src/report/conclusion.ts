import { markdownTable } from '../markdown-table.ts';
import type { PolicyOverview } from './overview.ts';
import type { Claim } from './claim.ts';

/** The summary at the top of the report. */
export function conclusion(claims: readonly Claim[], overviews: readonly PolicyOverview[]): string {
  return [sentences(overviews), verdictTable(claims), overviewTable(overviews)].join('\n\n');
}

function sentences(overviews: readonly PolicyOverview[]): string {
  const [own, ...others] = overviews;
  if (own === undefined) return 'Our own policy was not run.';
  const kept = ({ keepsTarget, workloads }: PolicyOverview) => `${keepsTarget} of ${workloads}`;
  const lines = [
    `\`${own.policy}\` answers 95 % of all images within the target wait on ${kept(own)} workloads${
      own.interrupted === 0 ? ', and stops no busy worker' : ''
    }.`,
  ];
  const [closest] = others;
  if (closest !== undefined) {
    lines.push(
      `Of the others, \`${closest.policy}\` does so most often, on ${kept(closest)}, at ${times(closest.costShare)} the cost.`,
    );
  }
  const cheapest = others.toSorted((a, b) => a.costShare - b.costShare)[0];
  if (cheapest !== undefined && cheapest !== closest) {
    lines.push(
      `The cheapest of the others is \`${cheapest.policy}\`, at ${times(cheapest.costShare)} the cost: it does so on ${kept(cheapest)}${
        cheapest.interrupted === 0
          ? ''
          : `, and stops ${cheapest.interrupted} workers amid their work`
      }.`,
    );
  }
  return lines.join(' ');
}

const verdictTable = (claims: readonly Claim[]): string =>
  markdownTable(
    ['Claim', 'Holds', 'Figures'],
    claims.map(({ claim, holds, figures }) => [claim, holds ? 'yes' : '**no**', figures]),
    3,
  );

const overviewTable = (overviews: readonly PolicyOverview[]): string =>
  markdownTable(
    [
      'Policy',
      'Keeps the target on',
      'Cost relative to ours',
      'Cheaper on',
      'Shorter p95 on',
      'Busy workers stopped',
    ],
    overviews.map((each, index) => [
      index === 0 ? `**${each.policy}**` : each.policy,
      String(each.keepsTarget),
      share(each.costShare),
      ...(index === 0 ? ['', ''] : [each.cheaper, each.faster].map(String)),
      String(each.interrupted),
    ]),
  );

const share = (of: number): string => of.toFixed(of < 10 ? 2 : 1);
const times = (of: number): string => `${share(of)} times`;
