import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, initialMemory } from './decide.ts';
import type { ScalingSettings } from './decision.ts';
import { NOTHING_LEARNED } from './learned.ts';
import { countLive, type FleetView, type Observation, type Worker } from './observation.ts';
import { POLICY_NAMES } from './policies/index.ts';
import { NOW } from './testing/builders.ts';

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

const depths = fc.record({ visible: fc.nat({ max: 300 }), inFlight: fc.nat({ max: 300 }) });

const seen = (fleet: FleetView, depth: { visible: number; inFlight: number }): Observation => ({
  backlog: { kind: 'known', value: { ...depth, delayed: 0 } },
  fleet: { kind: 'known', value: fleet },
  learned: NOTHING_LEARNED,
  settled: 0,
});

const stateOf = (fleet: FleetView, id: string) =>
  fleet.workers.find((worker) => worker.id === id)?.state;

describe('whatever is observed, a decision', () => {
  it('never brings the fleet above max', () => {
    fc.assert(
      fc.property(fleets, depths, settings, (fleet, depth, limits) => {
        const { decision } = decide(seen(fleet, depth), initialMemory, limits, NOW);
        const counted = fleet.workers.length + fleet.openLaunches;
        expect(counted + decision.launch).toBeLessThanOrEqual(Math.max(counted, limits.maxWorkers));
        expect(decision.desired).toBeLessThanOrEqual(limits.maxWorkers);
      }),
    );
  });

  it('never takes the fleet below min', () => {
    fc.assert(
      fc.property(fleets, depths, settings, (fleet, depth, limits) => {
        const { decision } = decide(seen(fleet, depth), initialMemory, limits, NOW);
        const released = decision.drain.filter((id) => stateOf(fleet, id) === 'idle').length;
        const before = countLive(fleet);
        expect(before - released).toBeGreaterThanOrEqual(Math.min(before, limits.minWorkers));
        // Nobody ends while someone is missing.
        if (before < decision.desired) expect(released).toBe(0);
      }),
    );
  });

  it('never releases a busy or a booting worker, and terminates only drained ones', () => {
    fc.assert(
      fc.property(fleets, depths, settings, (fleet, depth, limits) => {
        const { decision } = decide(seen(fleet, depth), initialMemory, limits, NOW);
        for (const id of decision.drain) expect(['idle', 'draining']).toContain(stateOf(fleet, id));
        for (const id of decision.terminate) expect(stateOf(fleet, id)).toBe('drained');
        for (const id of decision.resume) {
          expect(['draining', 'drained']).toContain(stateOf(fleet, id));
        }
      }),
    );
  });

  it('names each worker once at most', () => {
    fc.assert(
      fc.property(fleets, depths, settings, (fleet, depth, limits) => {
        const { decision } = decide(seen(fleet, depth), initialMemory, limits, NOW);
        const named = [...decision.resume, ...decision.drain, ...decision.terminate];
        expect(new Set(named).size).toBe(named.length);
      }),
    );
  });

  it('launches only when every worker that can be called back has been', () => {
    fc.assert(
      fc.property(fleets, depths, settings, (fleet, depth, limits) => {
        const { decision } = decide(seen(fleet, depth), initialMemory, limits, NOW);
        const callable = fleet.workers.filter(
          ({ state }) => state === 'draining' || state === 'drained',
        );
        if (decision.launch > 0) expect(decision.resume).toHaveLength(callable.length);
      }),
    );
  });

  it('is made again, the same, on an unchanged observation', () => {
    fc.assert(
      fc.property(fleets, depths, settings, (fleet, depth, limits) => {
        const first = decide(seen(fleet, depth), initialMemory, limits, NOW);
        expect(decide(seen(fleet, depth), first.memory, limits, NOW)).toEqual(first);
      }),
    );
  });

  it('grows with the backlog: never fewer workers wanted, launched or called back, never more released', () => {
    fc.assert(
      fc.property(fleets, depths, fc.nat({ max: 50 }), settings, (fleet, depth, more, limits) => {
        const larger = { ...depth, visible: depth.visible + more };
        const less = decide(seen(fleet, depth), initialMemory, limits, NOW).decision;
        const grown = decide(seen(fleet, larger), initialMemory, limits, NOW).decision;
        expect(grown.desired).toBeGreaterThanOrEqual(less.desired);
        expect(grown.launch).toBeGreaterThanOrEqual(less.launch);
        expect(grown.resume.length).toBeGreaterThanOrEqual(less.resume.length);
        expect(grown.drain.length).toBeLessThanOrEqual(less.drain.length);
        expect(grown.terminate.length).toBeLessThanOrEqual(less.terminate.length);
      }),
    );
  });

  it('leaves the fleet alone when anything could not be observed', () => {
    const blind = { kind: 'unknown', reason: 'timed out' } as const;
    fc.assert(
      fc.property(fleets, depths, settings, fc.boolean(), (fleet, depth, limits, noDepth) => {
        const whole = seen(fleet, depth);
        const half = noDepth ? { ...whole, backlog: blind } : { ...whole, fleet: blind };
        expect(decide(half, { desired: 3 }, limits, NOW).decision).toEqual({
          desired: 3,
          launch: 0,
          resume: [],
          drain: [],
          terminate: [],
        });
      }),
    );
  });
});
