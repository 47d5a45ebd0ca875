import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { someSettings } from '../../testing/builders.ts';
import { runToyFleet } from '../../testing/toy-fleet.ts';

const settings = someSettings({ policy: 'deadline', maxWorkers: 100 });
const MINUTES = 60;

describe('a steady load', () => {
  it('is served by a fleet that does not change any more, large enough and not much larger', () => {
    const loads = fc.record({
      rate: fc.double({ min: 0.5, max: 60, noNaN: true }),
      serviceSeconds: fc.double({ min: 0.05, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(loads, ({ rate, serviceSeconds }) => {
        const { decisions, up, waiting } = runToyFleet(
          40 * MINUTES,
          (second) => rate * second,
          serviceSeconds,
          settings,
        );
        const half = decisions.length / 2;
        expect(new Set(up.slice(half)).size).toBe(1);
        for (const { decision } of decisions.slice(half))
          expect([...decision.drain, ...decision.resume, decision.launch]).toEqual([0]);
        // Two ticks of arrivals at most are on the queue.
        expect(Math.max(...waiting.slice(half))).toBeLessThanOrEqual(4 * rate + 1);
        const load = rate * serviceSeconds;
        // One count more or less in 15 s, and the next whole worker.
        expect(up.at(-1)).toBeLessThanOrEqual(load * 1.2 + 0.7 * Math.sqrt(load * 1.2) + 2);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a burst', () => {
  it('without a worker is processed within the horizon by few launches, and every worker is released', () => {
    const { decisions, waiting, up } = runToyFleet(
      10 * MINUTES,
      (second) => (second < 20 ? 0 : 100),
      0.25,
      settings,
    );
    const launches = decisions.map(({ decision }) => decision.launch);
    // ceil(100 / (15 / 0.25)) at the first sight of it, and no more later.
    expect(launches.filter((launch) => launch > 0)).toEqual([2]);
    // 20 s, and 40 + 15 s from then
    expect(waiting[75 / 2 + 0.5]).toBe(0);
    expect(up.at(-1)).toBe(0);
  });
});

describe('a load that falls', () => {
  it('releases the workers that it does not need for 2 minutes, although none is ever idle for a poll', () => {
    const { up } = runToyFleet(
      40 * MINUTES,
      (second) => 20 * Math.min(second, 10 * MINUTES) + 4 * Math.max(0, second - 10 * MINUTES),
      0.25,
      settings,
    );
    expect(Math.max(...up)).toBeGreaterThanOrEqual(5);
    expect(up.at(-1)).toBe(2);
  });
});
