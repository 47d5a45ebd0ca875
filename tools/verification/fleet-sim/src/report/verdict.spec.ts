import { describe, expect, it } from 'vitest';
import type { ReportInput } from './report-input.ts';
import { aBound, aReport, aRun } from './testing/a-report.ts';
import { formatVerdict, judge } from './verdict.ts';

const ours = aRun('deadline', 1200, 2);
const second = { seed: 2 };
const oursTwice = [ours, aRun('deadline', 1200, 2, second)];

/** No busy worker stopped; close to the bound; never beaten on average; nor in a single run. */
type Holds = [boolean, boolean, boolean, boolean];

const rows: [title: string, report: Partial<ReportInput>, holds: Holds, against?: string][] = [
  ['all is well', {}, [true, true, true, true]],
  [
    'one worker was stopped amid an image, in one run of two',
    { results: [ours, aRun('deadline', 1200, 2, { seed: 2, interrupted: 1 })] },
    [false, false, true, true],
    'day, seed 2: 1 worker',
  ],
  [
    'a rival stops workers: that is its own affair',
    { results: [ours, aRun('keda', 2400, 20, { interrupted: 9 })] },
    [true, true, true, true],
  ],
  [
    '1,251 is more than 1.25 times the 1,000 of the bound for the same wait in every hour',
    { results: [aRun('deadline', 1251, 2)] },
    [true, false, true, true],
    'day, seed 1: 1.251 times, 2.00 s in its worst hour',
  ],
  ['1,250 is not', { results: [aRun('deadline', 1250, 2)] }, [true, true, true, true]],
  [
    'cheap, but the 95th percentile of one hour is beyond the target',
    { results: [aRun('deadline', 1000, 2, { hourlyP95: [1.9, null, 10.1] })] },
    [true, false, true, true],
    'day, seed 1: 1.000 times, 10.10 s in its worst hour',
  ],
  [
    'without a bound by hours the one for the target counts: 1,200 / 900',
    { bounds: [aBound('target', 900)] },
    [true, false, true, true],
    'day, seed 1: 1.333 times, 2.00 s in its worst hour',
  ],
  ['without any bound nothing is shown', { bounds: [] }, [true, false, true, true]],
  [
    'a rival is better in both',
    { results: [ours, aRun('keda', 600, 1.9)] },
    [true, true, false, false],
    'day, seed 1: keda at 50.0 % of the cost and 1.90 s instead of 2.00 s',
  ],
  [
    'a rival is cheaper, and just as fast',
    { results: [ours, aRun('keda', 600, 2)] },
    [true, true, true, true],
  ],
  [
    'a rival is better in both in one run of two, and not on average',
    { results: [...oursTwice, aRun('keda', 600, 1.9), aRun('keda', 600, 9, second)] },
    // No bound is known for the second seed.
    [true, false, true, false],
    'day, seed 1: keda at 50.0 % of the cost and 1.90 s instead of 2.00 s',
  ],
  [
    'a rival is better in both on average, and in no run of two',
    { results: [...oursTwice, aRun('keda', 600, 2.1), aRun('keda', 1201, 1.7, second)] },
    [true, false, false, true],
    'day: keda at 75.0 % of the cost and 1.90 s instead of 2.00 s',
  ],
  ['nothing was run: nothing holds', { results: [] }, [false, false, false, false]],
];

describe('the verdict', () => {
  it.each(rows)('%s', (_, report, holds, against) => {
    const claims = judge(aReport(report), ['day']);
    expect(claims.map((claim) => claim.holds)).toEqual(holds);
    if (against !== undefined) expect(claims.flatMap((each) => each.against)).toContain(against);
  });

  it('leaves out days that are not in the report', () => {
    expect(judge(aReport(), ['another-day'])).toHaveLength(3);
  });

  it('shows the worst ratio of the seeds to every bound', () => {
    const report = aReport({
      results: [ours, aRun('deadline', 1500, 3, { seed: 2, hourlyP95: [1, 5] })],
      bounds: [
        ...aReport().bounds,
        ...[aBound('target', 1000, second), aBound('same', 1500, second)],
        ...[aBound('hourly', 1500, second), aBound('all', 2000, second)],
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
