import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastCost, type BoundProblem } from './least-cost.ts';
import { leastOfAll } from './testing/every-schedule.ts';

const problem = ({
  arrivals,
  each,
  waitSeconds = 10,
  ...changes
}: Partial<BoundProblem> & { arrivals: number[]; each: number; waitSeconds?: number }) => ({
  windows: [
    {
      work: { arrivals, workerSeconds: arrivals.map(() => each) },
      waitSeconds,
      mostLate: 0,
      untilSeconds: Infinity,
    },
  ],
  boots: new Float64Array(1000).fill(42),
  minimumSeconds: 60,
  maxWorkers: 20,
  mostStates: 1e6,
  ...changes,
});

const at = (count: number, time: number) => Array.from({ length: count }, () => time);

interface Row {
  title: string;
  problem: BoundProblem;
  /** What the best schedule is billed. */
  optimum: number;
  /** The bound is at least this. */
  bound: number;
}

const rows: Row[] = [
  {
    title: 'no image costs nothing',
    problem: problem({ arrivals: [], each: 1 }),
    optimum: 0,
    bound: 0,
  },
  {
    title: 'one image costs the least that is billed',
    problem: problem({ arrivals: [100], each: 1 }),
    optimum: 60,
    bound: 60,
  },
  {
    title: 'two images far apart cost it twice; a slot of the grid is lost',
    problem: problem({ arrivals: [100, 1000], each: 1 }),
    optimum: 120,
    bound: 119,
  },
  {
    title:
      'a hundred at once, 0.2 s each, 10 s to wait: two workers, 42 + 10 each, are billed 60 each',
    problem: problem({ arrivals: at(100, 50), each: 0.2 }),
    optimum: 120,
    bound: 100,
  },
  {
    title: 'an image a second for an hour, half a second each: one worker, launched once',
    problem: problem({ arrivals: Array.from({ length: 3600 }, (_, second) => second), each: 0.5 }),
    optimum: 42 + 3600,
    bound: 3600,
  },
  {
    title: 'boots of 20, 60, 60 s: the second launch costs its own boot',
    problem: problem({
      arrivals: [...at(30, 100), ...at(30, 1000)],
      each: 1,
      waitSeconds: 30,
      boots: Float64Array.of(20, 60, 60, 60, 60),
      minimumSeconds: 60,
    }),
    optimum: 60 + 90,
    bound: 130,
  },
];

describe('the lower bound of all schedules', () => {
  it.each(rows)('$title', ({ problem, optimum, bound }) => {
    const { billedSeconds } = leastCost(problem);
    expect(billedSeconds).toBeLessThanOrEqual(optimum);
    expect(billedSeconds).toBeGreaterThanOrEqual(bound);
  });

  it('is never above the best small schedule, and close to it', () => {
    let bounds = 0;
    let optima = 0;
    fc.assert(
      fc.property(
        fc.record({
          arrivals: fc
            .array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 5 })
            .map((times) => times.sort((a, b) => a - b)),
          waitSeconds: fc.integer({ min: 1, max: 4 }),
          mostLate: fc.nat({ max: 2 }),
          bootSeconds: fc.integer({ min: 4, max: 12 }),
          minimumSeconds: fc.integer({ min: 0, max: 20 }),
        }),
        (world) => {
          const optimum = leastOfAll({
            ...world,
            windowSeconds: Infinity,
            waitSeconds: [world.waitSeconds],
            mostLate: [world.mostLate],
          });
          const { billedSeconds } = leastCost({
            ...world,
            windows: [
              {
                ...world,
                work: { arrivals: world.arrivals, workerSeconds: world.arrivals.map(() => 1) },
                untilSeconds: Infinity,
              },
            ],
            boots: new Float64Array(20).fill(world.bootSeconds),
            maxWorkers: 2,
            mostStates: 1e6,
          });
          expect(billedSeconds).toBeLessThanOrEqual(optimum + 1e-6);
          if (optimum === Infinity) return;
          bounds += billedSeconds;
          optima += optimum;
        },
      ),
      { numRuns: 200, seed: 1 },
    );
    expect(bounds / optima).toBeGreaterThan(0.9);
  });
});
