import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import type { Decision, ScalingSettings } from './decision.ts';
import { countLive, type FleetView } from './observation.ts';
import { depths, fleets, memories, seen, someLimits as settings } from './testing/arbitraries.ts';
import { NOTHING, NOW } from './testing/builders.ts';

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
