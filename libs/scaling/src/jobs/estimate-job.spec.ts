import type { FleetSnapshot } from '@labelfleet/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_PRICES, US_EAST_1_PRICES } from '../prices.ts';
import { estimateJob } from './estimate-job.ts';

type Fleet = NonNullable<Parameters<typeof estimateJob>[1]>;

const NO_WORKERS = { booting: 0, idle: 0, busy: 0, draining: 0, suspected: 0 };
const MEASURED = {
  jobImageSeconds: 0.1,
  serviceSeconds: 0.2,
  bootSecondsP50: 40,
  bootSecondsP95: 60,
};
const cost = (some: Partial<FleetSnapshot['cost']>) =>
  ({ perHourNow: 0, ...some }) as FleetSnapshot['cost'];
const fleetOf = (some: Partial<Fleet> = {}): Fleet => ({
  workers: NO_WORKERS,
  limits: { min: 0, max: 20 },
  learned: MEASURED,
  cost: cost({ workerHour: { low: 0.072, high: 0.072 } }),
  ...some,
});
const estimate = (
  images: number,
  fleet: Fleet | undefined = fleetOf(),
  prices = US_EAST_1_PRICES,
) => estimateJob({ images, bytes: images * 100_000, complete: true }, fleet, prices);

test('a job of a million images of 0.1 s is priced by its parts', () => {
  const { costUsd, seconds, workers, basis } = estimate(1_000_000);
  // 50,000 to 170,000 s of workers at 0.00002 USD.
  expect(costUsd?.instances).toEqual({ low: 1, high: 3.4 });
  // 20 workers: a boot of 28 s and 4 s until the end; of 60 s each.
  expect(costUsd?.boots).toEqual({ low: 0.0128, high: 0.048 });
  // GETs 0.4; 10,000 chunks of two PUTs 0.1; 1,000 pages of four PUTs 0.02; the rest is GETs, SQS and heartbeats.
  expect(costUsd?.calls.low).toBeGreaterThan(0.53);
  expect(costUsd?.calls.high).toBeLessThan(0.75);
  // 2,500 to 8,500 s of work, a boot, and the last chunk.
  expect(seconds).toEqual({ low: 2528.2, high: 8592 });
  expect(workers).toBe(20);
  expect(basis[0]).toBe('The source has 1,000,000 images of 100 GB.');
});

test('the estimate contains what the parts add up to', () => {
  const { costUsd } = estimate(20_000);
  const { low, high, instances, boots, calls } = costUsd!;
  expect(low).toBeCloseTo(instances.low + boots.low + calls.low, 5);
  expect(high).toBeCloseTo(instances.high + boots.high + calls.high, 5);
});

test('a worker that is launched is billed for a minute at least', () => {
  const { costUsd, workers } = estimate(10);
  expect(workers).toBe(1);
  // 28 s of boot, 4 s until the end and 0.5 s of work are 27.5 s too short.
  expect(costUsd?.boots.low).toBeCloseTo((0.072 * (28 + 4 + 27.5)) / 3600, 6);
});

test('workers that are up need no boot', () => {
  const up = fleetOf({ workers: { ...NO_WORKERS, idle: 2 } });
  const { costUsd, seconds, workers, basis } = estimate(20_000, up);
  expect(workers).toBe(2);
  expect(costUsd?.boots.low).toBe(0);
  expect(seconds.low).toBeLessThan(estimate(20_000).seconds.low);
  expect(basis).toContain('2 workers are up.');
});

describe('what the figures rest on', () => {
  test.each([
    ['images of jobs', {}, /0\.05 to 0\.17 s, by the last ones of jobs/],
    [
      'single images',
      { jobImageSeconds: undefined },
      /0\.05 to 0\.34 s, by the last ones that were/,
    ],
    ['nothing', { jobImageSeconds: undefined, serviceSeconds: null }, /No image was measured yet/],
    ['no boot', { bootSecondsP50: null, bootSecondsP95: null }, /usual on EC2; none was measured/],
  ])('%s', (_of, learned, sentence) => {
    const { basis } = estimate(1_000, fleetOf({ learned: { ...MEASURED, ...learned } }));
    expect(basis.join(' ')).toMatch(sentence);
  });

  test('the less is known, the wider is the range', () => {
    const ratio = (learned: Partial<Fleet['learned']>) => {
      const { costUsd } = estimate(1e6, fleetOf({ learned: { ...MEASURED, ...learned } }));
      return costUsd!.high / costUsd!.low;
    };
    const jobs = ratio({});
    const alone = ratio({ jobImageSeconds: undefined });
    const none = ratio({ jobImageSeconds: undefined, serviceSeconds: null });
    expect(jobs).toBeLessThan(alone);
    expect(alone).toBeLessThan(none);
  });

  test('other jobs', () => {
    const busy = fleetOf({ jobs: { active: 1, remaining: 40_000, workers: 2 } });
    const { basis, seconds } = estimate(1_000, busy);
    expect(basis).toContain('About 40,000 images of other jobs are ahead.');
    expect(seconds.high).toBeGreaterThan(estimate(1_000).seconds.high);
  });

  test('a source that was not counted to its end', () => {
    const partly = estimateJob({ images: 5, complete: false }, fleetOf(), US_EAST_1_PRICES);
    expect(partly.complete).toBe(false);
    expect(partly.basis[0]).toMatch(/^5 images were counted in time; the source has more/);
  });
});

describe('the price', () => {
  test('of an hour is that of running workers if no other is known', () => {
    const running = { ...NO_WORKERS, busy: 3, draining: 1 };
    const fleet = fleetOf({ workers: running, cost: cost({ perHourNow: 0.288 }) });
    expect(estimate(1_000_000, fleet).costUsd?.instances).toEqual({ low: 1, high: 3.4 });
  });

  test.each([
    ['of a worker', fleetOf({ cost: cost({}) }), US_EAST_1_PRICES],
    ['of the state of the fleet', undefined, US_EAST_1_PRICES],
    ['of calls', fleetOf(), NO_PRICES],
  ])('is null if nothing is known %s', (_of, fleet, prices) => {
    expect(estimateJob({ images: 1_000, complete: true }, fleet, prices).costUsd).toBeNull();
  });
});

test('a time to complete in is met with more workers, or the estimate says that it may not be', () => {
  const within = (completeWithinSeconds: number) =>
    estimateJob(
      { images: 50_000, complete: true, completeWithinSeconds },
      fleetOf(),
      US_EAST_1_PRICES,
    );
  expect(within(7_200).workers).toBe(1);
  expect(within(600).workers).toBe(10);
  expect(within(100).workers).toBe(20);
  expect(within(100).basis.join(' ')).toContain('It may take longer than 100 s');
});

test('ranges are ranges, and more images cost more and take longer', () => {
  const positive = fc.double({ min: 0.001, max: 30, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5_000_000 }),
      fc.integer({ min: 1, max: 5_000_000 }),
      positive,
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 0, max: 10 }),
      (images, more, jobImageSeconds, max, idle) => {
        const fleet = fleetOf({
          workers: { ...NO_WORKERS, idle },
          limits: { min: 0, max },
          learned: { ...MEASURED, jobImageSeconds },
        });
        const some = estimate(images, fleet);
        const all = estimate(images + more, fleet);
        for (const { low, high } of [some.seconds, some.costUsd!])
          expect(low).toBeLessThanOrEqual(high);
        expect(all.costUsd!.low).toBeGreaterThanOrEqual(some.costUsd!.low);
        expect(all.costUsd!.high).toBeGreaterThanOrEqual(some.costUsd!.high);
      },
    ),
  );
});
