import { describe, expect, it } from 'vitest';
import type { ReportInput } from './report-input.ts';
import { aBound, aReport, aRun } from './testing/a-report.ts';
import { formatVerdict, judge } from './verdict.ts';

interface Row {
  title: string;
  report: Partial<ReportInput>;
  /** No busy worker stopped; close to the bound; never beaten on average; nor in a single run. */
  holds: [boolean, boolean, boolean, boolean];
  against?: string;
}

const ours = aRun('deadline', 1200, 2);

const rows: Row[] = [
  { title: 'all is well', report: {}, holds: [true, true, true, true] },
  {
    title: 'one worker was stopped amid an image, in one run of two',
    report: { results: [ours, aRun('deadline', 1200, 2, { seed: 2, interrupted: 1 })] },
    holds: [false, false, true, true],
    against: 'day, seed 2: 1 worker',
  },
  {
    title: 'a rival stops workers: that is its own affair',
    report: { results: [ours, aRun('keda', 2400, 20, { interrupted: 9 })] },
    holds: [true, true, true, true],
  },
  {
    title: '1,251 is more than 1.25 times the 1,000 of the bound for the same wait in every hour',
    report: { results: [aRun('deadline', 1251, 2)] },
    holds: [true, false, true, true],
    against: 'day, seed 1: 1.251 times, 2.00 s in its worst hour',
  },
  {
    title: '1,250 is not',
    report: { results: [aRun('deadline', 1250, 2)] },
    holds: [true, true, true, true],
  },
  {
    title: 'cheap, but the 95th percentile of one hour is beyond the target',
    report: { results: [aRun('deadline', 1000, 2, { hourlyP95: [1.9, null, 10.1] })] },
    holds: [true, false, true, true],
    against: 'day, seed 1: 1.000 times, 10.10 s in its worst hour',
  },
  {
    title: 'without a bound by hours the one for the target counts: 1,200 / 900',
    report: { bounds: [aBound('target', 900)] },
    holds: [true, false, true, true],
    against: 'day, seed 1: 1.333 times, 2.00 s in its worst hour',
  },
  {
    title: 'without any bound nothing is shown',
    report: { bounds: [] },
    holds: [true, false, true, true],
  },
  {
    title: 'a rival is better in both',
    report: { results: [ours, aRun('keda', 600, 1.9)] },
    holds: [true, true, false, false],
    against: 'day, seed 1: keda at 50.0 % of the cost and 1.90 s instead of 2.00 s',
  },
  {
    title: 'a rival is cheaper, and just as fast',
    report: { results: [ours, aRun('keda', 600, 2)] },
    holds: [true, true, true, true],
  },
  {
    title: 'a rival is better in both in one run of two, and not on average',
    report: {
      results: [
        ...[ours, aRun('deadline', 1200, 2, { seed: 2 })],
        ...[aRun('keda', 600, 1.9), aRun('keda', 600, 9, { seed: 2 })],
      ],
    },
    // No bound is known for the second seed.
    holds: [true, false, true, false],
    against: 'day, seed 1: keda at 50.0 % of the cost and 1.90 s instead of 2.00 s',
  },
  {
    title: 'a rival is better in both on average, and in no run of two',
    report: {
      results: [
        ...[ours, aRun('deadline', 1200, 2, { seed: 2 })],
        ...[aRun('keda', 600, 2.1), aRun('keda', 1201, 1.7, { seed: 2 })],
      ],
    },
    holds: [true, false, false, true],
    against: 'day: keda at 75.0 % of the cost and 1.90 s instead of 2.00 s',
  },
  {
    title: 'nothing was run: nothing holds',
    report: { results: [] },
    holds: [false, false, false, false],
  },
];

describe('the verdict', () => {
  it.each(rows)('$title', ({ report, holds, against }) => {
    const claims = judge(aReport(report), ['day']);
    expect(claims.map((claim) => claim.holds)).toEqual(holds);
    if (against !== undefined) expect(claims.flatMap((each) => each.against)).toContain(against);
  });

  it('leaves out days that are not in the report', () => {
    expect(judge(aReport(), ['another-day'])).toHaveLength(3);
  });

  it('shows the worst ratio of the seeds to every bound', () => {
    const second = { seed: 2, hourlyP95: [1, 5] };
    const report = aReport({
      results: [ours, aRun('deadline', 1500, 3, second)],
      bounds: [
        ...aReport().bounds,
        aBound('target', 1000, { seed: 2 }),
        aBound('same', 1500, { seed: 2 }),
        aBound('hourly', 1500, { seed: 2 }),
        aBound('all', 2000, { seed: 2 }),
      ],
    });
    // Seed 1 costs 1,200 beside 900, 980, 1,000 and 1,100; seed 2 costs 1,500.
    expect(judge(report, ['day'])[1]?.figures).toBe(
      'at worst 1.200 times, 5.00 s; ' +
        '1.224 times the best with the same p95, 3.00 s, over the whole day; ' +
        '1.500 times the best with a p95 on target; ' +
        '1.091 times the best with every image on target',
    );
  });

  it('fits in a few lines', () => {
    const twelve = Array.from({ length: 12 }, (_, index) => aRun(`rival-${index}`, 600, 1));
    const text = formatVerdict(judge(aReport({ results: [ours, ...twelve] }), ['day']), 2);
    expect(text.split('\n').map((line) => line.slice(0, 30))).toEqual([
      'holds  No busy worker is stopp',
      '       1 run, 0 runs with a bu',
      'holds  day: p95 within 10 s in',
      '       at worst 1.200 times, 2',
      'FAILS  On no workload is anoth',
      '       1 workload, 12 times an',
      '       - day: rival-0 at 50.0 ',
      '       - day: rival-1 at 50.0 ',
      '       - and 10 more',
      'FAILS  Nor in any single run w',
      '       12 runs of others, 12 r',
      '       - day, seed 1: rival-0 ',
      '       - day, seed 1: rival-1 ',
      '       - and 10 more',
    ]);
  });
});
