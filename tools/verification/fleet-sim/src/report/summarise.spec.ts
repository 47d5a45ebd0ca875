import { expect, test } from 'vitest';
import { headToHead } from './head-to-head.ts';
import { overview } from './overview.ts';
import { summarise } from './summarise.ts';
import { aBound, aReport, aReportedWorkload, aRun } from './testing/a-report.ts';

test('takes means over the seeds, the highest peak and the sum of stopped workers', () => {
  const [day] = summarise(
    aReport({
      results: [
        aRun('keda', 1000, 4, { peak: 3, interrupted: 1 }),
        aRun('keda', 3000, 8, { seed: 2, peak: 7, interrupted: 2 }),
      ],
      bounds: [aBound('target', 900), aBound('target', 1100, { seed: 2 }), aBound('all', 9)],
    }),
  );
  expect(day).toMatchObject({ seeds: 2 });
  // 1,000 s at 0.0725 USD an hour.
  expect(day?.boundUsd).toBeCloseTo(0.020139, 6);
  expect(day?.policies).toMatchObject([
    { policy: 'keda', billedSeconds: 2000, overBound: 2, peak: 7, interrupted: 3 },
  ]);
  expect(day?.policies[0]?.waits.p95).toBe(6);
});

test('sorts policies by cost and leaves out workloads without a run', () => {
  const report = aReport({ workloads: [aReportedWorkload('night'), aReportedWorkload()] });
  const summaries = summarise(report);
  expect(summaries.map(({ workload }) => workload.name)).toEqual(['day']);
  expect(summaries[0]?.policies.map(({ policy }) => policy)).toEqual(['deadline', 'keda', 'fixed']);
});

test('lists the policies that are better than ours, and in what', () => {
  const report = aReport({
    results: [
      aRun('deadline', 1000, 5),
      aRun('cheaper', 500, 20),
      aRun('faster', 2000, 1),
      aRun('both', 750, 4),
      aRun('neither', 1000, 5),
      aRun('worse', 2000, 6),
    ],
  });
  expect(
    headToHead(summarise(report), 'deadline').map(
      ({ policy, in: better, costShare, keepsTarget }) => [policy, better, costShare, keepsTarget],
    ),
  ).toEqual([
    ['cheaper', 'cost', 0.5, false],
    ['both', 'both', 0.75, true],
    ['faster', 'wait', 2, true],
  ]);
});

test('lists ours first, then by kept targets, with the geometric mean of costs', () => {
  const on = (workload: string) => ({ workload });
  const report = aReport({
    workloads: [aReportedWorkload('one'), aReportedWorkload('two')],
    results: [
      aRun('deadline', 1000, 5, on('one')),
      aRun('deadline', 1000, 5, on('two')),
      aRun('late', 500, 20, on('one')),
      aRun('late', 2000, 4, on('two')),
      aRun('quick', 4000, 1, on('one')),
      aRun('quick', 9000, 1, on('two')),
    ],
  });
  const summaries = summarise(report);
  const all = overview(summaries, headToHead(summaries, 'deadline'), 'deadline');
  expect(all.map(({ policy }) => policy)).toEqual(['deadline', 'quick', 'late']);
  expect(all[1]).toMatchObject({ keepsTarget: 2, workloads: 2, cheaper: 0, faster: 2 });
  expect(all[1]?.costShare).toBeCloseTo(6, 9);
  expect(all[2]).toMatchObject({ keepsTarget: 1, cheaper: 1, faster: 1 });
  expect(all[2]?.costShare).toBeCloseTo(1, 9);
});
