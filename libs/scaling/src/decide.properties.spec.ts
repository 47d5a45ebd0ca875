import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import type { DecisionMemory } from './decision-memory.ts';
import type { Decision, ScalingSettings } from './decision.ts';
import type { Learned } from './learned.ts';
import { countLive, type FleetView, type Observation, type Worker } from './observation.ts';
import { POLICY_NAMES } from './policies/index.ts';
import { NOTHING, NOW } from './testing/builders.ts';

const workers: fc.Arbitrary<Worker[]> = fc
  .array(
    fc.record({
      launchedAtMs: fc.integer({ min: NOW - 3_600_000, max: NOW }),
      state: fc.constantFrom('booting', 'idle', 'busy', 'draining', 'drained', 'leaving'),
      idleSeconds: fc.nat({ max: 200 }),
      reportedAtMs: fc.integer({ min: NOW - 20_000, max: NOW }),
      instructed: fc.boolean(),
    }),
    { maxLength: 30 },
  )
  .map((drawn) => drawn.map((worker, index) => ({ ...worker, id: `i-${index}` })));

const fleets: fc.Arbitrary<FleetView> = fc.record({
  workers,
  openLaunches: fc.nat({ max: 5 }),
});

const settings: fc.Arbitrary<ScalingSettings> = fc
  .record({
    policy: fc.constantFrom(...POLICY_NAMES),
    minWorkers: fc.nat({ max: 25 }),
    maxWorkers: fc.nat({ max: 25 }),
    targetWaitSeconds: fc.integer({ min: 1, max: 120 }),
    imagesPerWorker: fc.integer({ min: 1, max: 10 }),
    idleBeforeReleaseSeconds: fc.option(fc.nat({ max: 120 }), { nil: undefined }),
  })
  .filter(({ minWorkers, maxWorkers }) => minWorkers <= maxWorkers);

const memories: fc.Arbitrary<DecisionMemory> = fc
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

const depths = fc.record({
  visible: fc.nat({ max: 300 }),
  inFlight: fc.nat({ max: 300 }),
  learned: lessons,
  completed: fc.nat({ max: 500 }),
});

type Depth = Pick<Observation, 'learned' | 'completed'> & { visible: number; inFlight: number };

const seen = (fleet: FleetView, { visible, inFlight, learned, completed }: Depth): Observation => ({
  backlog: { kind: 'known', value: { visible, inFlight, delayed: 0 } },
  fleet: { kind: 'known', value: fleet },
  learned,
  completed,
});

const stateOf = (fleet: FleetView, id: string) =>
  fleet.workers.find((worker) => worker.id === id)?.state;

/** Checks this of every decision. */
const always = (
  check: (decision: Decision, fleet: FleetView, limits: ScalingSettings) => void,
): void =>
  fc.assert(
    fc.property(fleets, depths, memories, settings, (fleet, depth, memory, limits) =>
      check(decide(seen(fleet, depth), memory, limits, NOW).decision, fleet, limits),
    ),
  );

describe('whatever is observed, a decision', () => {
  it('never brings the fleet above the maximum', () => {
    always((decision, fleet, limits) => {
      const counted = fleet.workers.length + fleet.openLaunches;
      expect(counted + decision.launch).toBeLessThanOrEqual(Math.max(counted, limits.maxWorkers));
      expect(decision.desired).toBeLessThanOrEqual(limits.maxWorkers);
    });
  });

  it('never takes the fleet below the minimum', () => {
    always((decision, fleet, limits) => {
      const live = ['idle', 'booting'];
      const released = decision.drain.filter((id) =>
        live.includes(stateOf(fleet, id) ?? ''),
      ).length;
      const before = countLive(fleet);
      expect(before - released).toBeGreaterThanOrEqual(Math.min(before, limits.minWorkers));
      // No worker is drained while workers are missing.
      if (before < decision.desired) expect(released).toBe(0);
    });
  });

  it('never releases a busy worker, a booting one only under `deadline`, and terminates only drained ones', () => {
    always((decision, fleet, limits) => {
      const drainable = ['idle', 'draining', ...(limits.policy === 'deadline' ? ['booting'] : [])];
      for (const id of decision.drain) expect(drainable).toContain(stateOf(fleet, id));
      for (const id of decision.terminate) expect(stateOf(fleet, id)).toBe('drained');
      for (const id of decision.resume) {
        expect(['draining', 'drained']).toContain(stateOf(fleet, id));
      }
    });
  });

  it('names each worker once at most', () => {
    always((decision) => {
      const named = [...decision.resume, ...decision.drain, ...decision.terminate];
      expect(new Set(named).size).toBe(named.length);
    });
  });

  it('launches only after every resumable worker is resumed', () => {
    always((decision, fleet) => {
      const resumable = fleet.workers.filter(
        ({ state }) => state === 'draining' || state === 'drained',
      );
      if (decision.launch > 0) expect(decision.resume).toHaveLength(resumable.length);
    });
  });

  it('is the same for an unchanged observation', () => {
    fc.assert(
      fc.property(fleets, depths, memories, settings, (fleet, depth, memory, limits) => {
        const first = decide(seen(fleet, depth), memory, limits, NOW);
        expect(decide(seen(fleet, depth), first.memory, limits, NOW)).toEqual(first);
      }),
    );
  });

  it('grows with the backlog: never fewer workers wanted, launched or resumed, never more released', () => {
    fc.assert(
      fc.property(
        fleets,
        depths,
        fc.nat({ max: 50 }),
        memories,
        settings,
        (fleet, depth, more, memory, limits) => {
          const larger = { ...depth, visible: depth.visible + more };
          const less = decide(seen(fleet, depth), memory, limits, NOW).decision;
          const grown = decide(seen(fleet, larger), memory, limits, NOW).decision;
          expect(grown.desired).toBeGreaterThanOrEqual(less.desired);
          expect(grown.launch).toBeGreaterThanOrEqual(less.launch);
          expect(grown.resume.length).toBeGreaterThanOrEqual(less.resume.length);
          expect(grown.drain.length).toBeLessThanOrEqual(less.drain.length);
          expect(grown.terminate.length).toBeLessThanOrEqual(less.terminate.length);
        },
      ),
    );
  });

  it('changes nothing if something could not be observed', () => {
    const blind = { kind: 'unknown', reason: 'timed out' } as const;
    fc.assert(
      fc.property(
        fleets,
        depths,
        memories,
        settings,
        fc.boolean(),
        (fleet, depth, memory, limits, noDepth) => {
          const whole = seen(fleet, depth);
          const half = noDepth ? { ...whole, backlog: blind } : { ...whole, fleet: blind };
          expect(decide(half, memory, limits, NOW).decision).toEqual({
            ...NOTHING,
            desired: memory.desired,
          });
        },
      ),
    );
  });
});
