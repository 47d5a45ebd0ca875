import { expect, test } from 'vitest';
import { aWorkload } from '../testing/a-workload.ts';
import { boundRun } from './bound-run.ts';
import { aRun } from './testing/a-report.ts';

/** One image in a quiet hour, and 19 in the next. */
const workload = aWorkload([100, ...Array.from({ length: 19 }, () => 5500)], {
  world: { targetWaitSeconds: 10 },
});

test('serves quiet hours in the hourly bound, but not in those of the whole run', () => {
  const run = aRun('deadline', 500, 10, { hourlyP95: [10, 10] });
  const by = new Map(
    boundRun(workload, [run], 'deadline').map(({ keeps, billedSeconds }) => [keeps, billedSeconds]),
  );
  // One launch, billed 60 s; or two of them, less a slot of the grid or two.
  for (const keeps of ['target', 'same'] as const) expect(by.get(keeps)).toBeLessThanOrEqual(60);
  for (const keeps of ['hourly', 'all'] as const) {
    expect(by.get(keeps)).toBeGreaterThan(115);
    expect(by.get(keeps)).toBeLessThanOrEqual(120);
  }
});

test('gives a run of one hour the same hourly and whole bound', () => {
  const run = aRun('deadline', 500, 3, { hourlyP95: [3] });
  const ofHour = boundRun(aWorkload([100, 1200]), [run], 'deadline');
  const [same, hourly] = (['same', 'hourly'] as const).map(
    (keeps) => ofHour.find((bound) => bound.keeps === keeps)?.billedSeconds,
  );
  expect(hourly).toBe(same);
  expect(same).toBeGreaterThan(115);
});

test('computes bounds for the waits of our own policy only if it was run', () => {
  const rival = [aRun('keda', 500, 10)];
  expect(boundRun(workload, rival, 'deadline').map(({ keeps }) => keeps)).toEqual([
    'target',
    'all',
  ]);
});
