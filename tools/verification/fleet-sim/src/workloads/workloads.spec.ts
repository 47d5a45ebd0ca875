import { describe, expect, test } from 'vitest';
import { Random } from '@labelfleet/testkit/random';
import { bursts, day, poisson } from './arrivals.ts';
import { makeWorkload, WORKLOADS } from './index.ts';

/** Those of a day are too large to be made for a look at them. */
const SHORT = WORKLOADS.filter(({ durationSeconds }) => durationSeconds < 86_400);

describe.each(SHORT.map((kind) => [kind.name, kind] as const))('%s', (name, kind) => {
  const workload = makeWorkload(kind, 1);

  test('has images in order within its duration, each with a service', () => {
    const { arrivals, serviceSeconds, durationSeconds } = workload;
    expect(arrivals.length).toBeGreaterThan(0);
    expect(serviceSeconds.length).toBe(arrivals.length);
    expect(Float64Array.from(arrivals).sort()).toEqual(arrivals);
    expect(arrivals[arrivals.length - 1]).toBeLessThan(durationSeconds);
    expect(Array.from(serviceSeconds).every((seconds) => seconds > 0)).toBe(true);
  });

  test('is the same for the same seed, and different for another', () => {
    expect(makeWorkload(kind, 1)).toEqual(workload);
    expect(makeWorkload(kind, 2).arrivals).not.toEqual(workload.arrivals);
    expect(workload).toMatchObject({ name, seed: 1 });
  });
});

test('gives each workload its own name', () => {
  expect(new Set(WORKLOADS.map(({ name }) => name)).size).toBe(WORKLOADS.length);
});

test('draws Poisson arrivals at their rate', () => {
  // 2 a second for 1000 s, then 8: 2,000 and 8,000, within four standard deviations.
  const times = poisson((at) => (at < 1000 ? 2 : 8), 8, 2000, new Random(1, 'test'));
  const early = times.filter((at) => at < 1000).length;
  expect(Math.abs(early - 2000)).toBeLessThan(4 * Math.sqrt(2000));
  expect(Math.abs(times.length - early - 8000)).toBeLessThan(4 * Math.sqrt(8000));
});

test('has the lowest rate of a day at midnight and the highest at noon', () => {
  expect([0, 6, 12, 24].map((hour) => Math.round(100 * day(1, 14)(hour * 3600)))).toEqual([
    100, 750, 1400, 100,
  ]);
});

test('puts a burst into one second', () => {
  const times = bursts([60, 660], 3, new Random(1, 'test'));
  expect([...times].map(Math.floor)).toEqual([60, 60, 60, 660, 660, 660]);
});
