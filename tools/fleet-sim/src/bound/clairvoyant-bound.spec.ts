import { describe, expect, it } from 'vitest';
import { Random } from '../engine/random.ts';
import { simulate, type Policy } from '../engine/simulate.ts';
import { productPolicy } from '../policies/product.ts';
import { aWorkload } from '../testing/a-workload.ts';
import type { Workload } from '../types.ts';
import { aWorld, type WorldChanges } from '../world-settings.ts';
import { clairvoyantBound } from './clairvoyant-bound.ts';

/** A coarse grid. */
const STATES = 100_000;

const within = (waitSeconds: number) => ({ waitSeconds, share: 0.95 });

const at = (count: number, time: number) => Array.from({ length: count }, () => time);

describe('the clairvoyant bound', () => {
  it('counts each thread of a worker', () => {
    // 80 images of 1 s, to be answered within 10 s: a worker of two threads does 20.
    const bound = (threads: number) =>
      clairvoyantBound(aWorkload(at(80, 100), { world: { threads, slots: 4 } }), within(10), STATES)
        .billedSeconds;
    // Less the slots of the grid, and 5 % of the images that may be late, each launch is billed 60 s.
    expect(bound(2)).toBeGreaterThan(180);
    expect(bound(2)).toBeLessThanOrEqual(4 * 60);
    expect(bound(4)).toBeLessThanOrEqual(2 * 60);
  });

  it('counts the time in a slot where that is what workers are short of', () => {
    // 1 s of a thread and 3 s of overhead in each of two slots: 8 images take a worker 16 s.
    const world = { threads: 2, slots: 2, overheadSeconds: 3 };
    const { billedSeconds } = clairvoyantBound(
      aWorkload(at(16, 100), { world }),
      within(1000),
      STATES,
    );
    expect(billedSeconds).toBeGreaterThanOrEqual(40 + 32 - 1);
    expect(billedSeconds).toBeLessThanOrEqual(40 + 32);
  });

  it('lets one image in twenty be late', () => {
    // One at 0 and 19 much later, when the first one can be served as well.
    const arrivals = [0, ...at(19, 5000)];
    expect(
      clairvoyantBound(aWorkload(arrivals), within(10), STATES).billedSeconds,
    ).toBeLessThanOrEqual(60);
    const two = [0, 0, ...at(18, 5000)];
    expect(clairvoyantBound(aWorkload(two), within(10), STATES).billedSeconds).toBeGreaterThan(80);
    const all = { waitSeconds: 10, share: 1 };
    expect(clairvoyantBound(aWorkload(arrivals), all, STATES).billedSeconds).toBeGreaterThan(110);
  });

  it('falls as the wait grows', () => {
    const workload = someDay(1);
    const bounds = [1, 5, 20, 60].map(
      (wait) => clairvoyantBound(workload, within(wait), STATES).billedSeconds,
    );
    expect(bounds).toEqual([...bounds].sort((a, b) => b - a));
  });
});

/** Half an hour with a rush, heavy-tailed images and boots that differ. */
function someDay(seed: number, changes: WorldChanges = {}): Workload {
  const random = new Random(seed, 'some-day');
  const arrivals: number[] = [];
  for (let now = 0; now < 1800; now += random.exponential(now > 600 && now < 900 ? 0.1 : 2)) {
    arrivals.push(now);
  }
  return {
    name: 'some-day',
    arrivals,
    serviceSeconds: arrivals.map(() => Math.min(20, random.pareto(0.2, 1.6))),
    durationSeconds: 1800,
    seed,
    world: aWorld({ targetWaitSeconds: 10, ...changes }),
  };
}

const fixed = (count: number): Policy => ({
  name: `fixed-${count}`,
  start: (world) => () => {
    if (world.now === 0) world.launch(count);
  },
});

describe('no run costs less than the bound for the wait it kept', () => {
  const worlds: Record<string, WorldChanges> = {
    usual: {},
    'slow boots': { boot: { slowShare: 0.2 } },
    'boots that fail': { boot: { failedShare: 0.2 } },
    'overhead and spare slots': { overheadSeconds: 0.3, slots: 3 },
  };
  const policies = [
    fixed(1),
    fixed(3),
    productPolicy('per-message'),
    productPolicy('backlog-per-worker'),
  ];
  it.each(Object.entries(worlds))('%s', (_, changes) => {
    for (const seed of [1, 2]) {
      const workload = someDay(seed, changes);
      for (const policy of policies) {
        const { billedSeconds, waits } = simulate(workload, policy);
        const bound = clairvoyantBound(workload, within(waits.p95), STATES);
        expect(bound.billedSeconds).toBeLessThanOrEqual(billedSeconds);
        expect(bound.billedSeconds).toBeGreaterThan(0);
      }
    }
  });
});
