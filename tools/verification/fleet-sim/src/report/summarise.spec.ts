import { expect, test } from 'vitest';
import { overview } from './overview.ts';
import { summarise } from './summarise.ts';
import { aBound, aReport, aReportedWorkload, aRun } from './testing/a-report.ts';

test('takes means over the seeds and the sum of stopped workers', () => {
  const [day] = summarise(
    aReport({
      results: [
        aRun('keda', 1000, 4, { interrupted: 1 }),
        aRun('keda', 3000, 8, { seed: 2, interrupted: 2 }),
      ],
      bounds: [aBound('target', 900), aBound('target', 1100, { seed: 2 }), aBound('all', 9)],
    }),
  );
  expect(day).toMatchObject({ runs: 2 });
  // 1,000 s at 0.0725 USD an hour.
  expect(day?.boundUsd).toBeCloseTo(0.020139, 6);
  expect(day?.policies).toMatchObject([{ policy: 'keda', overBound: 2, p95: 6, interrupted: 3 }]);
});

test('sorts policies by cost and leaves out workloads without a run', () => {
  const summaries = summarise(
    aReport({ workloads: [aReportedWorkload('night'), aReportedWorkload()] }),
  );
  expect(summaries.map(({ workload }) => workload.name)).toEqual(['day']);
  expect(summaries[0]?.policies.map(({ policy }) => policy)).toEqual(['deadline', 'keda', 'fixed']);
});

test('counts where others are better than ours: ours first, then by kept targets', () => {
  const on = (workload: string) => ({ workload });
  const report = aReport({
    workloads: [aReportedWorkload('one'), aReportedWorkload('two')],
    results: [
      ...[aRun('deadline', 1000, 5, on('one')), aRun('deadline', 1000, 5, on('two'))],
      ...[aRun('late', 500, 20, on('one')), aRun('late', 2000, 4, on('two'))],
      ...[aRun('quick', 4000, 1, on('one')), aRun('quick', 9000, 1, on('two'))],
      ...[aRun('same', 1000, 5, on('one')), aRun('same', 750, 4, on('two'))],
    ],
  });
  const [, same, quick, late] = overview(summarise(report), 'deadline');
  expect(same).toMatchObject({ policy: 'same', keepsTarget: 2, cheaper: 1, faster: 1 });
  expect(quick).toMatchObject({ policy: 'quick', keepsTarget: 2, cheaper: 0, faster: 2 });
  expect(late).toMatchObject({ policy: 'late', keepsTarget: 1, cheaper: 1, faster: 1 });
  // The geometric means of 4 and 9, and of a half and 2.
  expect(quick?.costShare).toBeCloseTo(6, 9);
  expect(late?.costShare).toBeCloseTo(1, 9);
});
