import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, type Decided } from '../decide.ts';
import type { DecisionMemory } from '../decision-memory.ts';
import type { ScalingSettings } from '../decision.ts';
import { estimateWaitSeconds } from '../estimate-wait.ts';
import { countLive, hasChunks, type FleetView, type Observation } from '../observation.ts';
import {
  depths,
  fleets,
  memories,
  seen,
  someJobs,
  someLimits,
  type Depth,
} from '../testing/arbitraries.ts';
import { NOW } from '../testing/builders.ts';
import type { ActiveJob } from './active-job.ts';

interface Situation {
  fleet: FleetView;
  depth: Depth;
  memory: DecisionMemory;
  limits: ScalingSettings;
  jobs: ActiveJob[];
}

const situations: fc.Arbitrary<Situation> = fc.record({
  fleet: fleets,
  depth: depths,
  memory: fc
    .record({
      memory: memories,
      workers: fc.option(fc.nat({ max: 25 }), { nil: undefined }),
      perSecond: fc.double({ min: 0, max: 50, noNaN: true }),
    })
    .map(({ memory, workers, perSecond }) => ({
      ...memory,
      jobs: {
        ...(workers !== undefined && { workers }),
        requests: { completed: 0, atMs: NOW, perSecond },
      },
    })),
  limits: someLimits,
  jobs: someJobs,
});

const decideWith = (
  { fleet, depth, memory, limits }: Situation,
  jobs: NonNullable<Observation['jobs']>,
): Decided => decide({ ...seen(fleet, depth), jobs }, memory, limits, NOW);
const known = (value: readonly ActiveJob[]) => ({ kind: 'known', value }) as const;

const always = (check: (situation: Situation) => void): void =>
  fc.assert(fc.property(situations, check), { numRuns: 300 });

/** Workers that a decision takes out of service. */
const released = ({ decision }: Decided, { workers }: FleetView) =>
  decision.drain.filter((id) =>
    workers.some((worker) => worker.id === id && worker.state !== 'draining'),
  );

describe('whatever jobs there are, a decision', () => {
  it('never brings the fleet above the maximum', () => {
    always((situation) => {
      const { fleet, limits, jobs } = situation;
      const { decision } = decideWith(situation, known(jobs));
      const counted = fleet.workers.length + fleet.openLaunches;
      expect(counted + decision.launch).toBeLessThanOrEqual(Math.max(counted, limits.maxWorkers));
      expect(decision.desired).toBeLessThanOrEqual(limits.maxWorkers);
    });
  });

  it('never gives requests less than without them, nor lets them wait longer by the estimate', () => {
    always((situation) => {
      const { fleet, depth, jobs } = situation;
      const without = decideWith(situation, known([]));
      const withJobs = decideWith(situation, known(jobs));
      expect(withJobs.decision.desired).toBeGreaterThanOrEqual(without.decision.desired);
      expect(withJobs.decision.launch).toBeGreaterThanOrEqual(without.decision.launch);
      expect(withJobs.decision.resume.length).toBeGreaterThanOrEqual(
        without.decision.resume.length,
      );
      expect(released(withJobs, fleet).length).toBeLessThanOrEqual(released(without, fleet).length);
      const wait = ({ decision }: Decided) =>
        estimateWaitSeconds({ ...depth, delayed: 0 }, fleet, decision.desired, depth.learned, NOW);
      const [longest, estimate] = [wait(without), wait(withJobs)];
      if (longest !== null) expect(estimate).toBeLessThanOrEqual(longest);
    });
  });

  it('does not change what the policy learns of requests', () => {
    always((situation) => {
      const without = decideWith(situation, known([])).memory;
      const withJobs = decideWith(situation, known(situation.jobs)).memory;
      expect(withJobs.levels).toEqual(without.levels);
      expect(withJobs.samples).toEqual(without.samples);
    });
  });

  it('grows with the images that are left', () => {
    fc.assert(
      fc.property(
        situations,
        fc.nat({ max: 3 }),
        fc.nat({ max: 50_000 }),
        (situation, at, more) => {
          const { jobs } = situation;
          const larger = jobs.map((job, index) =>
            index === at % jobs.length ? { ...job, remaining: job.remaining + more } : job,
          );
          const less = decideWith(situation, known(jobs));
          const grown = decideWith(situation, known(larger));
          expect(grown.jobs?.workers).toBeGreaterThanOrEqual(less.jobs?.workers ?? NaN);
          expect(grown.decision.desired).toBeGreaterThanOrEqual(less.decision.desired);
          expect(grown.decision.launch).toBeGreaterThanOrEqual(less.decision.launch);
          expect(grown.decision.drain.length).toBeLessThanOrEqual(less.decision.drain.length);
        },
      ),
    );
  });

  it('releases a worker with chunks only above the maximum', () => {
    always((situation) => {
      const { fleet, limits, jobs } = situation;
      const drained = released(decideWith(situation, known(jobs)), fleet);
      const holding = fleet.workers.filter((each) => hasChunks(each) && drained.includes(each.id));
      expect(holding.length).toBeLessThanOrEqual(Math.max(0, countLive(fleet) - limits.maxWorkers));
    });
  });

  it('keeps a worker while a job is active, if the maximum allows one', () => {
    always((situation) => {
      const { decision } = decideWith(situation, known(situation.jobs));
      expect(decision.desired).toBeGreaterThanOrEqual(Math.min(1, situation.limits.maxWorkers));
    });
  });

  it('takes nothing from jobs that become unknown', () => {
    always((situation) => {
      const { memory, limits } = situation;
      const { desired, unseenSinceMs, samples, levels } = memory;
      const before = decideWith(situation, known(situation.jobs));
      const blind = { kind: 'unknown', reason: 'timed out' } as const;
      const after = decideWith({ ...situation, memory: before.memory }, blind);
      expect(after.jobs?.workers).toBe(before.jobs?.workers);
      expect(released(after, situation.fleet).length).toBeLessThanOrEqual(
        released(before, situation.fleet).length,
      );
      // Not even by a new leader, which knows nothing of them yet.
      const anew = decideWith(
        { ...situation, memory: { desired, unseenSinceMs, samples, levels } },
        blind,
      );
      const surplus = Math.max(0, countLive(situation.fleet) - limits.maxWorkers);
      expect(released(anew, situation.fleet).length).toBeLessThanOrEqual(surplus);
    });
  });

  it('is the same for an unchanged observation', () => {
    always((situation) => {
      const first = decideWith(situation, known(situation.jobs));
      const again = decideWith({ ...situation, memory: first.memory }, known(situation.jobs));
      expect(again).toEqual(first);
    });
  });
});
