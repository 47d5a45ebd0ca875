import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FleetProgram, type FleetCosts, type Prices } from './fleet-program.ts';
import { slotWork } from './slotted-work.ts';
import { cheapestOfAll } from './testing/every-fleet.ts';

const SLOT = { slotSeconds: 1, chunksPerSlot: 1 };

interface Row {
  title: string;
  arrivals: number[];
  waitSeconds?: number;
  costs?: Partial<FleetCosts>;
  prices?: Partial<Prices>;
  cost: number;
  late?: number;
}

const stay = { leastSlots: 4 };

const rows: Row[] = [
  { title: 'nothing to do: nothing', arrivals: [], cost: 0 },
  { title: 'an image: one launch and a second of work', arrivals: [0], cost: 6 },
  { title: 'a pause shorter than a launch is bridged: 5 + 4', arrivals: [0, 3], cost: 9 },
  { title: 'a pause longer than a launch is not: 2 x (5 + 1)', arrivals: [0, 9], cost: 12 },
  { title: 'three that may wait 2 s: one worker', arrivals: [0, 0, 0], waitSeconds: 2, cost: 8 },
  { title: 'three that may wait 1 s: two', arrivals: [0, 0, 0], waitSeconds: 1, cost: 13 },
  { title: 'an image may be late for less', arrivals: [0], prices: { late: 4 }, cost: 4, late: 1 },
  { title: 'a fleet has to stay for 4 slots: 5 + 4', arrivals: [0], costs: stay, cost: 9 },
  { title: 'workers from before: 2 x 1', arrivals: [0, 0], costs: { anyBefore: true }, cost: 2 },
  {
    title: 'workers from before need not stay, others that follow are launched: 1 + 5 + 4',
    ...{ arrivals: [0, 9], costs: { ...stay, anyBefore: true }, cost: 10 },
  },
  {
    title: 'of the slots that a fleet has yet to stay only the next two are paid: 5 + 1 + 2',
    ...{ arrivals: [0], costs: { ...stay, slotsAfter: 2 }, cost: 8 },
  },
  {
    title: 'no more than maxWorkers: the third is late',
    ...{ arrivals: [0, 0, 0], costs: { maxWorkers: 2 }, cost: 2 * 6 + 100, late: 1 },
  },
];

describe('the cheapest fleet on a grid', () => {
  it.each(rows)('$title', ({ arrivals, waitSeconds = 0, costs, prices, cost, late = 0 }) => {
    const work = slotWork({ arrivals, workerSeconds: arrivals.map(() => 1) }, waitSeconds, SLOT);
    const program = new FleetProgram(work, {
      launchSeconds: 5,
      leastSlots: 0,
      maxWorkers: 9,
      anyBefore: false,
      slotsAfter: Infinity,
      ...costs,
    });
    const way = program.cheapest({ late: 100, use: 0, ...prices });
    expect(way.cost).toBeCloseTo(cost, 9);
    expect(way.lateChunks).toBe(late);
  });

  it('is the cheapest of all fleets, by brute force', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 12, maxLength: 12 }),
        fc.integer({ min: 0, max: 20 }),
        fc.record({
          launchSeconds: fc.integer({ min: 0, max: 20 }),
          leastSlots: fc.nat({ max: 4 }),
          maxWorkers: fc.integer({ min: 1, max: 3 }),
          anyBefore: fc.boolean(),
          slotsAfter: fc.constantFrom(0, 1, Infinity),
        }),
        fc.record({ late: fc.nat({ max: 60 }), use: fc.constantFrom(0, 0.3, 1) }),
        fc.constantFrom(1, 2, 3),
        (times, works, wait, costs, prices, chunksPerSlot) => {
          const arrivals = times.sort((a, b) => a - b).map((time) => time / 2);
          const workerSeconds = arrivals.map((_, index) => works[index] ?? 1);
          const grain = { slotSeconds: 6, chunksPerSlot };
          const work = slotWork({ arrivals, workerSeconds }, wait / 2, grain);
          const { cost } = new FleetProgram(work, costs).cheapest(prices);
          expect(cost).toBeCloseTo(cheapestOfAll(work, costs, prices), 6);
        },
      ),
      { numRuns: 300 },
    );
  });
});
