import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '@labelfleet/testkit/random';
import { productPolicy } from '../policies/product.ts';
import { aWorkload, launchOnce } from '../testing/a-workload.ts';
import type { Workload } from '../types.ts';
import { poisson } from '../workloads/arrivals.ts';
import { aWorld } from '../world-settings.ts';
import { simulate } from './simulate.ts';

test('delays a single image by the tick, the boot and its service', () => {
  const result = simulate(aWorkload([1]), productPolicy('per-message'));
  // Arrives at 1, is seen at 2; up at 42; answered at 43.
  expect(result.waits.mean).toBe(42);
  expect(result).toMatchObject({ images: 1, launches: 1, peak: 1, interrupted: 0, unanswered: 0 });
});

test('sends images to the queue one after the other', () => {
  const world = { gatewaySeconds: 2.5 };
  // Arrives at 1, is in the queue at 3.5 and seen at 4; up at 44; answered at 45.
  const seen = simulate(aWorkload([1], { world }), productPolicy('per-message'));
  expect(seen.waits.mean).toBe(44);
  // In the queue at 52.5, 55 and, as the gateway has nothing to do before, 72.5; each served at once for 1 s.
  const served = simulate(aWorkload([50, 50, 70], { world }), launchOnce(1));
  expect(served.waits.mean).toBeCloseTo((3.5 + 6 + 3.5) / 3);
});

test('terminates the last worker after its idle time and bills it until then', () => {
  const { instanceSeconds, billedSeconds, usd } = simulate(
    aWorkload([1]),
    productPolicy('per-message'),
  );
  // Launched at 2, up at 42, where the poll brings the image; the next poll ends at 47, which makes it idle
  // since 43. It says so within 3 s, 5 s after 43 and at the next tick it gets the instruction to drain, reads it
  // within 2 s, its poll ends at 52 or 57, and the tick after that report terminates it.
  expect(instanceSeconds).toBeGreaterThanOrEqual(50);
  expect(instanceSeconds).toBeLessThanOrEqual(58);
  expect(billedSeconds).toBe(60);
  expect(usd).toBeCloseTo((billedSeconds / 3600) * 0.0725, 12);
});

test('ends a run when its time is over and everything is answered', () => {
  const onTime = simulate(aWorkload([1], { durationSeconds: 100 }), launchOnce(1));
  expect(onTime.instanceSeconds).toBe(100);
  // Up at 40, and 100 images of 1 s at 2 a time.
  const many = Array.from({ length: 100 }, () => 0);
  const late = simulate(aWorkload(many, { durationSeconds: 50 }), launchOnce(1));
  expect(late.instanceSeconds).toBe(90);
  expect(late.unanswered).toBe(0);
});

test('ends a run with unanswered images, which wait until its end', () => {
  const result = simulate(aWorkload([0], { durationSeconds: 100 }), launchOnce(0));
  expect(result).toMatchObject({ unanswered: 1, withinTarget: 0, usd: 0 });
  expect(result.waits.p50).toBe(100 + 4 * 3600);
});

test('records the fleet and the backlog in the series', () => {
  const { series } = simulate(aWorkload([0, 0, 0, 0], { durationSeconds: 60 }), launchOnce(1));
  expect(series.length).toBe(61);
  expect(series[39]).toEqual({ atSeconds: 39, fleet: 1, booting: 1, backlog: 4 });
  expect(series[60]).toEqual({ atSeconds: 60, fleet: 1, booting: 0, backlog: 0 });
});

test.each([
  // Erlang's C of 2 threads at a load of 1.5 is 9 / 14; images wait 9 / 14 / (8 - 6) and are served in 0.25 s.
  { workers: 1, served: 0.25, perSecond: 6, mean: 9 / 28 + 0.25 },
  // Of 4 threads at a load of 3 it is 27 / 53; they wait 27 / 53 / (0.8 - 0.6). Of such slow images a worker receives
  // hardly any ahead, which another worker could have begun.
  { workers: 2, served: 5, perSecond: 0.6, mean: 27 / 10.6 + 5 },
])(
  '$workers workers of 2 threads are the queue M/M/c of the textbook',
  ({ workers, served, perSecond, mean }) => {
    const random = new Random(1, 'mmc');
    const durationSeconds = 320_000 / perSecond;
    const arrivals = Array.from(poisson(() => perSecond, perSecond, durationSeconds, random));
    const serviceSeconds = arrivals.map(() => random.exponential(served));
    const workload = aWorkload(
      // The workers are up at 40.
      arrivals.map((at) => at + 50),
      { serviceSeconds, durationSeconds },
    );
    const { waits } = simulate(workload, launchOnce(workers));
    expect(Math.abs(waits.mean / mean - 1)).toBeLessThan(0.02);
  },
);

/** A quarter of an hour in which everything goes wrong. */
function trouble(seed: number): Workload {
  const random = new Random(seed, 'arrivals');
  const arrivals = Array.from({ length: 600 }, () => random.next() * 900).sort((a, b) => a - b);
  return {
    name: 'trouble',
    arrivals,
    serviceSeconds: arrivals.map(() => Math.min(30, random.pareto(0.3, 1.5))),
    durationSeconds: 900,
    seed,
    world: aWorld({
      boot: { slowShare: 0.1, failedShare: 0.1 },
      api: { errorShare: 0.2, throttledShare: 0.2 },
      droughts: [{ fromSeconds: 100, toSeconds: 200 }],
      killsPerHour: 20,
      spotInterruptionsPerHour: 10,
    }),
  };
}

describe('with all faults', () => {
  const policy = productPolicy('backlog-per-worker');
  const someSeed = fc.integer({ min: 0, max: 1_000_000 });

  test('answers every image once and stops no busy worker', () => {
    fc.assert(
      fc.property(someSeed, (seed) => {
        const result = simulate(trouble(seed), policy);
        // The simulator itself throws on a second answer.
        expect(result).toMatchObject({ unanswered: 0, interrupted: 0 });
        expect(result.peak).toBeLessThanOrEqual(20);
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  test('repeats a run exactly for the same seed, and not for another', () => {
    const first = JSON.stringify(simulate(trouble(7), policy));
    expect(JSON.stringify(simulate(trouble(7), policy))).toBe(first);
    expect(JSON.stringify(simulate(trouble(8), policy))).not.toBe(first);
  });
});
