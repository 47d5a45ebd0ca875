import fc from 'fast-check';
import type { DecisionMemory } from '../decision-memory.ts';
import type { ScalingSettings } from '../decision.ts';
import type { ActiveJob } from '../jobs/active-job.ts';
import type { Learned } from '../learned.ts';
import type { FleetView, Observation, Worker } from '../observation.ts';
import { POLICY_NAMES } from '../policies/index.ts';
import { NOW } from './builders.ts';

const workers: fc.Arbitrary<Worker[]> = fc
  .array(
    fc.record({
      launchedAtMs: fc.integer({ min: NOW - 3_600_000, max: NOW }),
      state: fc.constantFrom('booting', 'idle', 'busy', 'draining', 'drained', 'leaving'),
      idleSeconds: fc.nat({ max: 200 }),
      reportedAtMs: fc.integer({ min: NOW - 20_000, max: NOW }),
      instructed: fc.boolean(),
      chunks: fc.nat({ max: 2 }),
    }),
    { maxLength: 30 },
  )
  .map((drawn) => drawn.map((worker, index) => ({ ...worker, id: `i-${index}` })));

export const fleets: fc.Arbitrary<FleetView> = fc.record({
  workers,
  openLaunches: fc.nat({ max: 5 }),
});

export const someLimits: fc.Arbitrary<ScalingSettings> = fc
  .record({
    policy: fc.constantFrom(...POLICY_NAMES),
    minWorkers: fc.nat({ max: 25 }),
    maxWorkers: fc.nat({ max: 25 }),
    targetWaitSeconds: fc.integer({ min: 1, max: 120 }),
    imagesPerWorker: fc.integer({ min: 1, max: 10 }),
    idleBeforeReleaseSeconds: fc.option(fc.nat({ max: 120 }), { nil: undefined }),
  })
  .filter(({ minWorkers, maxWorkers }) => minWorkers <= maxWorkers);

export const memories: fc.Arbitrary<DecisionMemory> = fc
  .record({
    desired: fc.nat({ max: 25 }),
    unseenSinceMs: fc.option(fc.integer({ min: NOW - 100_000, max: NOW })),
    arrivals: fc.array(fc.nat({ max: 200 }), { maxLength: 40 }),
    levels: fc.array(
      fc.record({
        neededAtMs: fc.integer({ min: NOW - 900_000, max: NOW }),
        steadyAtMs: fc.option(fc.integer({ min: NOW - 900_000, max: NOW })),
        idleGaps: fc.array(fc.integer({ min: 11, max: 4000 }), { maxLength: 8 }),
      }),
      { maxLength: 25 },
    ),
  })
  .map(({ desired, unseenSinceMs, arrivals, levels }) => ({
    desired,
    unseenSinceMs,
    samples: arrivals.map((images, index) => [
      NOW / 1000 - 2 * (arrivals.length - index),
      images,
      images % 3,
      0,
    ]),
    levels,
  }));

const lessons: fc.Arbitrary<Learned> = fc.record({
  bootSeconds: fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { maxLength: 20 }),
  images: fc.nat({ max: 300 }),
  busySeconds: fc.double({ min: 0, max: 600, noNaN: true }),
  fullImages: fc.nat({ max: 300 }),
  fullSeconds: fc.double({ min: 0, max: 600, noNaN: true }),
});

export const depths = fc.record({
  visible: fc.nat({ max: 300 }),
  inFlight: fc.nat({ max: 300 }),
  learned: lessons,
  completed: fc.nat({ max: 500 }),
});

export type Depth = Pick<Observation, 'learned' | 'completed'> & {
  visible: number;
  inFlight: number;
};

export const seen = (
  fleet: FleetView,
  { visible, inFlight, learned, completed }: Depth,
): Observation => ({
  backlog: { kind: 'known', value: { visible, inFlight, delayed: 0 } },
  fleet: { kind: 'known', value: fleet },
  learned,
  completed,
});

/** Jobs that are not completed. */
export const someJobs: fc.Arbitrary<ActiveJob[]> = fc
  .array(
    fc.record({
      remaining: fc.nat({ max: 100_000 }),
      limit: fc.option(fc.integer({ min: -600, max: 10_000 }), { nil: undefined }),
      state: fc.constantFrom('runs', 'runs', 'nearly-spent', 'stopped'),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((drawn) =>
    drawn.map(({ remaining, limit, state }) => ({
      ...{ remaining, state },
      ...(limit !== undefined && { completeByMs: NOW + 1000 * limit }),
    })),
  );
