import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '@labelfleet/testkit/random';
import { simulate } from '../engine/simulate.ts';
import { HOUR_SECONDS, imagesByWindow } from '../images-by-window.ts';
import { productPolicy } from '../policies/product.ts';
import { mean } from '../statistics.ts';
import { aWorkload, launchOnce } from '../testing/a-workload.ts';
import type { Workload } from '../types.ts';
import { aWorld, type WorldChanges } from '../world-settings.ts';
import { clairvoyantBound } from './clairvoyant-bound.ts';
import { leastCost } from './least-cost.ts';
import { leastOfAll } from './testing/every-schedule.ts';

/** A coarse grid. */
const STATES = 100_000;

const at = (count: number, time: number) => Array.from({ length: count }, () => time);

/** The bound for one wait over the whole run. */
const boundFor = (workload: Workload, waitSeconds: number, share = 0.95): number =>
  clairvoyantBound(workload, { waitSeconds: [waitSeconds], share }, STATES).billedSeconds;

describe('the clairvoyant bound', () => {
  it.each([
    { title: 'no image costs nothing', arrivals: [], least: 0, optimum: 0 },
    { title: 'one image costs the least that is billed', arrivals: [9], least: 60, optimum: 60 },
    // A slot of the grid is lost.
    { title: 'two far apart cost it twice', arrivals: [9, 900], least: 119, optimum: 120 },
    // Two workers, 40 + 10 s, are billed 60 s each.
    { title: 'forty at once take two workers', arrivals: at(40, 50), least: 100, optimum: 120 },
    {
      title: 'one a second for an hour takes one worker',
      ...{ arrivals: Array.from({ length: 3600 }, (_, second) => second) },
      ...{ least: 3600, optimum: 3640 },
    },
  ])('$title', ({ arrivals, least, optimum }) => {
    // An image takes half a second of a worker.
    const bound = boundFor(aWorkload(arrivals), 10, 1);
    expect(bound).toBeLessThanOrEqual(optimum);
    expect(bound).toBeGreaterThanOrEqual(least);
  });

  it('charges each launch its own boot', () => {
    const arrivals = [...at(30, 100), ...at(30, 1000)];
    const work = { arrivals, workerSeconds: arrivals.map(() => 1) };
    const { billedSeconds } = leastCost({
      windows: [{ work, waitSeconds: 30, mostLate: 0, untilSeconds: Infinity }],
      boots: Float64Array.of(20, 60, 60, 60, 60),
      minimumSeconds: 60,
      maxWorkers: 20,
      mostStates: 1e6,
    });
    expect(billedSeconds).toBeLessThanOrEqual(60 + 90);
    expect(billedSeconds).toBeGreaterThanOrEqual(130);
  });

  it('counts each thread of a worker', () => {
    // 80 images of 1 s, to be answered within 10 s: a worker of two threads does 20.
    const bound = (threads: number) =>
      boundFor(aWorkload(at(80, 100), { world: { threads, slots: 4 } }), 10);
    // Less the slots of the grid, and 5 % of the images that may be late, each launch is billed 60 s.
    expect(bound(2)).toBeGreaterThan(180);
    expect(bound(2)).toBeLessThanOrEqual(4 * 60);
    expect(bound(4)).toBeLessThanOrEqual(2 * 60);
  });

  it('counts no time of slots, because a worker receives ahead', () => {
    const slow = (slots: number) =>
      boundFor(aWorkload(at(80, 100), { world: { slots, overheadSeconds: 3 } }), 10);
    expect(slow(1)).toBe(slow(4));
  });

  it('lets one image in twenty be late', () => {
    // One at 0 and 19 much later, when the first one can be served as well.
    const arrivals = [0, ...at(19, 5000)];
    expect(boundFor(aWorkload(arrivals), 10)).toBeLessThanOrEqual(60);
    expect(boundFor(aWorkload([0, 0, ...at(18, 5000)]), 10)).toBeGreaterThan(80);
    expect(boundFor(aWorkload(arrivals), 10, 1)).toBeGreaterThan(110);
  });

  it('falls as the wait grows', () => {
    const workload = someDay(1);
    const bounds = [1, 5, 20, 60].map((wait) => boundFor(workload, wait));
    expect(bounds).toEqual([...bounds].sort((a, b) => b - a));
  });
});

/** A time with a rush, heavy-tailed images and boots that differ. */
function someDay(seed: number, changes: WorldChanges = {}, durationSeconds = 1800): Workload {
  const random = new Random(seed, 'some-day');
  const arrivals: number[] = [];
  const isRush = (now: number) => now > durationSeconds / 3 && now < durationSeconds / 2;
  for (let now = 0; now < durationSeconds; now += random.exponential(isRush(now) ? 0.1 : 2)) {
    arrivals.push(now);
  }
  return {
    name: 'some-day',
    arrivals,
    serviceSeconds: arrivals.map(() => Math.min(20, random.pareto(0.2, 1.6))),
    durationSeconds,
    seed,
    world: aWorld({ targetWaitSeconds: 10, ...changes }),
  };
}

describe('the clairvoyant bound by windows', () => {
  const everyWait = (waitSeconds: number, windowSeconds: number, share = 0.95) => ({
    windowSeconds,
    waitSeconds: Array.from({ length: 20 }, () => waitSeconds),
    share,
  });

  it('lets one image in twenty of each window be late, even of quiet windows', () => {
    // One at first, 19 much later: over the whole run the first one may wait for them.
    const arrivals = [0, ...at(19, 5500)];
    const bound = (windowSeconds: number) =>
      clairvoyantBound(aWorkload(arrivals), everyWait(10, windowSeconds), STATES).billedSeconds;
    expect(bound(Infinity)).toBeLessThanOrEqual(60);
    // Each of the two launches is billed 60 s; up to two slots of 2 s are lost at each.
    expect(bound(1000)).toBeGreaterThan(110);
    expect(bound(1000)).toBeLessThanOrEqual(120);
  });

  it('holds each window to its own wait', () => {
    // 80 images of half a worker-second at 100 and again at 1100. Within 10 s four workers are needed, of which
    // each is billed 60 s at least; within 100 s one does, which is up for 40 s.
    const workload = aWorkload([...at(80, 100), ...at(80, 1100)]);
    const bound = (...waitSeconds: number[]) =>
      clairvoyantBound(workload, { windowSeconds: 1000, waitSeconds, share: 1 }, STATES)
        .billedSeconds;
    expect(bound(10, 10)).toBeGreaterThan(2 * 180);
    expect(bound(10, 100)).toBeGreaterThan(180 + 70);
    expect(bound(10, 100)).toBeLessThanOrEqual(4 * 60 + 80);
    expect(bound(100, 100)).toBeLessThanOrEqual(2 * 80);
  });

  it('counts a worker that stays for the next window once', () => {
    // An image a second, half a worker, for 2,000 s: one launch, and one worker through all windows.
    const seconds = Array.from({ length: 2000 }, (_, second) => second);
    const { billedSeconds } = clairvoyantBound(aWorkload(seconds), everyWait(2, 100, 1), STATES);
    expect(billedSeconds).toBeLessThanOrEqual(40 + 2000);
    expect(billedSeconds).toBeGreaterThan(0.97 * 2040);
  });

  it('lies between the one for the whole run and the one for all images', () => {
    const workload = someDay(1);
    const whole = boundFor(workload, 10);
    const all = boundFor(workload, 10, 1);
    for (const windowSeconds of [300, 600, 1000]) {
      const { billedSeconds } = clairvoyantBound(workload, everyWait(10, windowSeconds), STATES);
      expect(billedSeconds).toBeGreaterThan(0.9 * whole);
      expect(billedSeconds).toBeLessThanOrEqual(all);
    }
  });

  it('counts only the work of a window with too many images, and all of the others', () => {
    // 40 images, 20 worker-seconds, within 10 s: two workers. 1000 images, 500 worker-seconds, within 1,000 s,
    // are too many for so few states: they are not known to need a launch.
    const workload = aWorkload([...at(40, 100), ...at(1000, 1100)]);
    const level = { windowSeconds: 1000, waitSeconds: [10, 1000], share: 1 };
    const { billedSeconds, slotSeconds } = clairvoyantBound(workload, level, 2000);
    expect(slotSeconds).toBeGreaterThan(0);
    expect(billedSeconds).toBeGreaterThan(40 + 520);
    expect(billedSeconds).toBeLessThanOrEqual(2 * 40 + 520);
    // With fewer still nothing is left but all work and one launch.
    expect(clairvoyantBound(workload, level, 1)).toMatchObject({
      billedSeconds: 560,
      slotSeconds: 0,
    });
  });

  it('needs the wait of every window with images, and of no other', () => {
    const bound = (waitSeconds: (number | null)[]) =>
      clairvoyantBound(aWorkload([0, 290]), { windowSeconds: 100, waitSeconds, share: 1 }, STATES);
    expect(bound([1, null, 1]).billedSeconds).toBeGreaterThan(110);
    expect(() => bound([1, 1])).toThrow('window 2');
  });

  it('is never above the best small schedule, by brute force, and close to it', () => {
    const ratios: number[] = [];
    fc.assert(
      fc.property(
        fc
          .array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 5 })
          .map((times) => times.sort((a, b) => a - b)),
        fc.oneof(fc.constant(Infinity), fc.integer({ min: 3, max: 9 })),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 5, maxLength: 5 }),
        fc.constantFrom(1, 0.7, 0.5, 0.3),
        fc.integer({ min: 4, max: 12 }),
        fc.nat({ max: 8 }),
        // Fine grids and coarse ones.
        fc.constantFrom(STATES, 200, 40),
        (arrivals, windowSeconds, waitSeconds, share, bootSeconds, more, states) => {
          const minimumSeconds = bootSeconds + more;
          const mostLate = imagesByWindow(arrivals, windowSeconds).map(
            ({ first, end }) => end - first - Math.ceil(share * (end - first)),
          );
          const level = { windowSeconds, waitSeconds };
          const optimum = leastOfAll({ arrivals, ...level, mostLate, bootSeconds, minimumSeconds });
          const world: WorldChanges = {
            threads: 1,
            slots: 1,
            maxWorkers: 2,
            boot: { medianSeconds: bootSeconds },
            billing: { minimumSeconds },
          };
          const workload = aWorkload(arrivals, { world });
          const { billedSeconds } = clairvoyantBound(workload, { ...level, share }, states);
          expect(billedSeconds).toBeLessThanOrEqual(optimum + 1e-6);
          if (optimum < Infinity && states === STATES) ratios.push(billedSeconds / optimum);
        },
      ),
      { numRuns: 400, seed: 1 },
    );
    expect(mean(ratios)).toBeGreaterThan(0.9);
  });
});

describe('no run costs less than the bound for the wait it kept', () => {
  const worlds: Record<string, WorldChanges> = {
    usual: {},
    'slow boots': { boot: { slowShare: 0.2 } },
    'boots that fail': { boot: { failedShare: 0.2 } },
    'overhead and spare slots': { overheadSeconds: 0.3, slots: 3 },
  };
  const policies = [
    launchOnce(1),
    launchOnce(3),
    productPolicy('per-message'),
    productPolicy('backlog-per-worker'),
  ];
  it.each(Object.entries(worlds))('%s', (_, changes) => {
    for (const seed of [1, 2]) {
      const workload = someDay(seed, changes);
      for (const policy of policies) {
        const { billedSeconds, waits } = simulate(workload, policy);
        const bound = boundFor(workload, waits.p95);
        expect(bound).toBeLessThanOrEqual(billedSeconds);
        expect(bound).toBeGreaterThan(0);
      }
    }
  });

  it.each(Object.entries(worlds))('in every hour: %s', (_, changes) => {
    const workload = someDay(1, changes, 2.5 * HOUR_SECONDS);
    for (const policy of policies) {
      const { billedSeconds, hourlyP95 } = simulate(workload, policy);
      expect(hourlyP95).toHaveLength(3);
      const level = { windowSeconds: HOUR_SECONDS, waitSeconds: hourlyP95, share: 0.95 };
      const bound = clairvoyantBound(workload, level, STATES);
      expect(bound.slotSeconds).toBeGreaterThan(0);
      expect(bound.billedSeconds).toBeLessThanOrEqual(billedSeconds);
    }
  });
});
