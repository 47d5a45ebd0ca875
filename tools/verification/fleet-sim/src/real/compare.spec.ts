import { expect, test } from 'vitest';
import { compareFigures, comparePrediction, measuredFigures } from './compare.ts';
import { aRecording } from './testing/a-recording.ts';

test('counts instances from launch to end within the window', () => {
  const instances = [
    { launchedAt: 1, endedAt: 31 },
    { launchedAt: 20, endedAt: null },
    // Launched when the first had ended: no third at once.
    { launchedAt: 40, endedAt: 75 },
    { launchedAt: 61, endedAt: null },
  ];
  // 31 - 1, 60 - 20, 60 - 40; the last is after the window.
  expect(measuredFigures(aRecording({ windowSeconds: 60, instances }))).toMatchObject({
    instanceSeconds: 90,
    launches: 3,
    peak: 2,
  });
  expect(measuredFigures(aRecording({ instances: [] }))).toMatchObject({ launches: 0, peak: 0 });
});

test('takes percentiles of waits by nearest rank, as the simulator does', () => {
  const waits = Array.from({ length: 20 }, (_, index) => 20 - index);
  // Of 1 to 20 the 10th and the 19th.
  expect(measuredFigures(aRecording({ waits }))).toMatchObject({ waitP50: 10, waitP95: 19 });
});

test('shows the mean, the lowest and the highest prediction beside the measured value', () => {
  const figures = { instanceSeconds: 100, waitP50: 8, waitP95: 20, launches: 2, peak: 2 };
  expect(compareFigures('a burst', figures, [figures, { ...figures, waitP50: 7 }])).toBe(
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

test('predicts a recording', () => {
  expect(comparePrediction(aRecording())).toContain(
    '| launches         |  1.0 |       1.0 |  1.0 |  1.0 |     +0.0 % |',
  );
});
