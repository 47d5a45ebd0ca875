import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { POLICY_NAMES } from '../policies/index.ts';
import { someSettings } from '../testing/builders.ts';
import { runToyFleet, type ToyRun } from '../testing/toy-fleet.ts';

const MINUTES = 60;
const TICK_SECONDS = 2;
/** A new version comes when the fleet has found its size. */
const NEW_AT = 10 * MINUTES;
const versionAt = (second: number) => (second < NEW_AT ? 1 : 2);

const loads = fc.record({
  policy: fc.constantFrom(...POLICY_NAMES),
  rate: fc.double({ min: 0.5, max: 8, noNaN: true }),
  serviceSeconds: fc.double({ min: 0.05, max: 0.5, noNaN: true }),
  maxWorkers: fc.integer({ min: 2, max: 6 }),
});

/** What every tick of a run must hold. */
function checkTicks({ decisions, instances, up }: ToyRun, maxWorkers: number) {
  for (const [tick, { decision }] of decisions.entries()) {
    const now = instances[tick] ?? [];
    expect(now.length).toBeLessThanOrEqual(maxWorkers);
    const drained = now.filter(({ id }) => decision.drain.includes(id));
    const left = (up[tick] ?? 0) - drained.length;
    // At the maximum one goes before its replacement.
    const least = Math.min(decision.desired, maxWorkers - 1);
    if (drained.length > 0) expect(left).toBeGreaterThanOrEqual(Math.min(least, up[tick] ?? 0));
  }
}

const versions = (run: ToyRun, tick = run.instances.length - 1) =>
  (run.instances[tick] ?? []).map(({ version }) => version);

describe('a roll under a steady load', () => {
  it('replaces every worker, never below what is wanted nor above the maximum', () => {
    fc.assert(
      fc.property(loads, ({ policy, rate, serviceSeconds, maxWorkers }) => {
        const settings = someSettings({ policy, maxWorkers, roll: true });
        const run = runToyFleet(40 * MINUTES, (second) => rate * second, serviceSeconds, settings, {
          versionAt,
        });
        checkTicks(run, maxWorkers);
        expect(versions(run, NEW_AT / TICK_SECONDS)).toContain(1);
        expect(new Set(versions(run))).toEqual(new Set([2]));
      }),
      { numRuns: 30 },
    );
  });

  it('launches about as many workers as it replaces, although the maximum is far', () => {
    fc.assert(
      fc.property(loads, ({ rate, serviceSeconds }) => {
        const settings = someSettings({ policy: 'deadline', maxWorkers: 50, roll: true });
        const run = runToyFleet(40 * MINUTES, (second) => rate * second, serviceSeconds, settings, {
          versionAt,
        });
        const launched = new Set(
          run.instances.flatMap((each) =>
            each.filter(({ version }) => version === 2).map(({ id }) => id),
          ),
        );
        const replaced = versions(run, NEW_AT / TICK_SECONDS - 1).length;
        expect(launched.size).toBeLessThanOrEqual(replaced + 1);
      }),
      { numRuns: 20 },
    );
  });

  it('does nothing when it is off', () => {
    fc.assert(
      fc.property(loads, ({ policy, rate, serviceSeconds, maxWorkers }) => {
        const settings = someSettings({ policy, maxWorkers });
        const load = [20 * MINUTES, (second: number) => rate * second, serviceSeconds] as const;
        const run = runToyFleet(...load, settings, { versionAt });
        const same = runToyFleet(...load, settings);
        expect(run.decisions).toEqual(same.decisions);
      }),
      { numRuns: 10 },
    );
  });
});

describe('a roll to a version that never boots', () => {
  it('costs one worker at most, and none below the maximum', () => {
    fc.assert(
      fc.property(loads, ({ policy, rate, serviceSeconds, maxWorkers }) => {
        const settings = someSettings({ policy, maxWorkers, roll: true });
        const run = runToyFleet(20 * MINUTES, (second) => rate * second, serviceSeconds, settings, {
          versionAt,
          broken: 2,
        });
        checkTicks(run, maxWorkers);
        const before = run.up[NEW_AT / TICK_SECONDS - 1] ?? 0;
        const desired = run.decisions.at(-1)?.decision.desired ?? 0;
        expect(run.up.at(-1)).toBeGreaterThanOrEqual(Math.min(before, desired, maxWorkers - 1));
      }),
      { numRuns: 30 },
    );
  });
});

describe('a roll without load', () => {
  it('launches nothing: the idle workers end anyway', () => {
    const settings = someSettings({ policy: 'deadline', roll: true });
    const arrived = (second: number) => 5 * Math.min(second, NEW_AT - 20);
    const run = runToyFleet(30 * MINUTES, arrived, 0.25, settings, { versionAt });
    expect(versions(run, NEW_AT / TICK_SECONDS)).toContain(1);
    expect(versions(run)).toEqual([]);
    expect(run.instances.flat().filter(({ version }) => version === 2)).toEqual([]);
  });

  it('replaces the workers that MIN_WORKERS keeps', () => {
    const settings = someSettings({ policy: 'deadline', minWorkers: 2, roll: true });
    const run = runToyFleet(30 * MINUTES, () => 0, 0.25, settings, { versionAt });
    expect(versions(run)).toEqual([2, 2]);
    // The replacement is no worker that is kept from then on.
    const live = run.instances.map(
      (each) => each.filter(({ drainedAtMs }) => drainedAtMs === undefined).length,
    );
    expect(Math.max(...live)).toBe(3);
  });
});

it('an image a minute replaces the one worker with few launches', () => {
  const settings = someSettings({ policy: 'deadline', roll: true });
  const arrived = (second: number) => Math.floor(second / 60);
  const run = runToyFleet(60 * MINUTES, arrived, 0.25, settings, { versionAt });
  expect(new Set(versions(run))).not.toContain(1);
  const launched = new Set(run.instances.flat().map(({ id, version }) => `${id} ${version}`));
  const rolled = runToyFleet(60 * MINUTES, arrived, 0.25, { ...settings, roll: false });
  const usual = new Set(rolled.instances.flat().map(({ id }) => id));
  expect(launched.size).toBeLessThanOrEqual(usual.size + 2);
});
