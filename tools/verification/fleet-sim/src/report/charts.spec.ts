import { expect, test } from 'vitest';
import { fleetChart, paretoFront, planeChart } from './charts.ts';
import { summarise, type PolicySummary } from './summarise.ts';
import { aReport, aRun } from './testing/a-report.ts';

const summary = () => {
  const [day] = summarise(
    aReport({ results: [aRun('deadline', 1200, 2), aRun('a<b>', 2400, 20)] }),
  );
  if (day === undefined) throw new Error('no summary');
  return day;
};

test.each([
  ['plane', planeChart],
  ['fleet', fleetChart],
])('the %s names every policy, contains no NaN and is repeated exactly', (_, draw) => {
  const svg = draw(summary(), 'deadline');
  expect(svg).toContain('>deadline');
  expect(svg).toContain('>a&lt;b&gt;');
  // Readable in dark mode too.
  expect(svg).toMatch(/<rect [^>]*fill="#fff"/);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(draw(summary(), 'deadline')).toBe(svg);
});

test('the front has the policies that none beats in both, from the cheapest to the fastest', () => {
  const at = (policy: string, usd: number, p95: number) => ({ policy, usd, p95 }) as PolicySummary;
  const policies = [
    ...[at('c', 3, 1), at('a', 1, 9), at('worse', 2, 9)],
    ...[at('b', 2, 4), at('d', 4, 1)],
  ];
  expect(paretoFront(policies).map(({ policy }) => policy)).toEqual(['a', 'b', 'c']);
});
