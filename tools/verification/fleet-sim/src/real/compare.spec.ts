import { expect, test } from 'vitest';
import { compareFigures, formatComparison } from './compare.ts';
import { summarisePredicted, summariseReal, type Figures } from './summarise-run.ts';
import { aRecording, aResult } from './testing/builders.ts';

const figures: Figures = { instanceSeconds: 100, waitP50: 8, waitP95: 20, launches: 2, peak: 2 };

test('counts instances from launch to end within the window', () => {
  const instances = [
    { launchedAt: 1, endedAt: 31 },
    { launchedAt: 20, endedAt: null },
    // Launched when the first had ended: no third at once.
    { launchedAt: 40, endedAt: 75 },
    { launchedAt: 61, endedAt: null },
  ];
  const { instanceSeconds, launches, peak } = summariseReal(
    aRecording({ windowSeconds: 60, instances }),
  );
  // 31 - 1, 60 - 20, 60 - 40; the last is after the window.
  expect(instanceSeconds).toBe(90);
  expect(launches).toBe(3);
  expect(peak).toBe(2);
});

test('takes percentiles of waits by nearest rank, as the simulator does', () => {
  const waits = Array.from({ length: 20 }, (_, index) => 20 - index);
  const { waitP50, waitP95 } = summariseReal(aRecording({ waits }));
  // Of 1 to 20 the 10th and the 19th.
  expect([waitP50, waitP95]).toEqual([10, 19]);
});

test('has a peak of 0 without launches', () => {
  expect(summariseReal(aRecording({ instances: [] }))).toMatchObject({
    instanceSeconds: 0,
    launches: 0,
    peak: 0,
  });
});

test('expects the mean of the predictions and shows the lowest and the highest', () => {
  const runs = [
    aResult({ instanceSeconds: 90, p50: 7, p95: 10, launches: 1, peak: 1 }),
    aResult({ instanceSeconds: 110, p50: 10, p95: 30, launches: 3, peak: 3 }),
  ];
  const [instances, p50] = compareFigures(figures, summarisePredicted(runs));
  expect(instances).toMatchObject({ real: 100, predicted: 100, from: 90, to: 110 });
  expect(p50).toMatchObject({ real: 8, predicted: 8.5, from: 7, to: 10 });
});

test('shows the error of the prediction in per cent of the measured value', () => {
  const predicted = { ...figures, instanceSeconds: 90, waitP50: 10, peak: 3 };
  const rows = compareFigures(figures, [predicted]);
  expect(rows.map(({ differencePercent }) => Math.round(differencePercent))).toEqual([
    -10, 25, 0, 0, 50,
  ]);
});

test('prints measured and predicted values side by side', () => {
  const rows = compareFigures(figures, [figures, { ...figures, waitP50: 7 }]);
  expect(formatComparison('a burst', rows)).toBe(
    [
      '| a burst          |  real | predicted |  from |    to | difference |',
      '| ---------------- | ----: | --------: | ----: | ----: | ---------: |',
      '| instance-seconds | 100.0 |     100.0 | 100.0 | 100.0 |     +0.0 % |',
      '| median wait, s   |  8.00 |      7.50 |  7.00 |  8.00 |     -6.3 % |',
      '| p95 wait, s      | 20.00 |     20.00 | 20.00 | 20.00 |     +0.0 % |',
      '| launches         |   2.0 |       2.0 |   2.0 |   2.0 |     +0.0 % |',
      '| peak             |   2.0 |       2.0 |   2.0 |   2.0 |     +0.0 % |',
    ].join('\n'),
  );
});
