import { expect, test } from 'vitest';
import { simulate, type Policy } from '../../engine/simulate.ts';
import { aWorkload } from '../../testing/a-workload.ts';
import { RIVALS } from './index.ts';
import { rivalPolicy } from './rival.ts';
import { toSize, youngestFirst } from './victims.ts';

/** A rival that wants so many instances at each time. */
const wanting = (
  wantedAt: (nowSeconds: number) => number,
  { everySeconds = 2, graceSeconds = 0 } = {},
): Policy =>
  rivalPolicy({
    name: 'a rival',
    everySeconds,
    scaleIn: toSize(youngestFirst, graceSeconds),
    start:
      () =>
      ({ nowSeconds }) =>
        wantedAt(nowSeconds),
  });

test.each([
  { graceSeconds: 0, interrupted: 1, wait: 142 },
  { graceSeconds: 30, interrupted: 0, wait: 20 },
])(
  'a busy instance that goes with $graceSeconds s of grace: $interrupted interrupted',
  ({ graceSeconds, interrupted, wait }) => {
    // Taken at 50 for 20 s. Cut off at 60 (extended then): visible again at 90; the next instances are launched
    // at 132 and up at 172, so it is answered at 192.
    const workload = aWorkload([50], { serviceSeconds: [20] });
    const untilSixty = (now: number) => (now < 60 || now > 130 ? 2 : 0);
    const result = simulate(workload, wanting(untilSixty, { graceSeconds }));
    expect(result.interrupted).toBe(interrupted);
    expect(result.waits.mean).toBe(wait);
  },
);

test('repeats a failed launch at the next tick', () => {
  const world = { droughts: [{ fromSeconds: 0, toSeconds: 31 }] };
  const result = simulate(
    aWorkload([0], { world }),
    wanting(() => 2, { everySeconds: 60 }),
  );
  // Launched at 32, up at 72.
  expect(result.waits.mean).toBe(73);
});

test('repeats a failed termination at the next tick', () => {
  const untilHundred = wanting((now) => (now < 100 ? 1 : 0), { everySeconds: 100 });
  const endedAfter = Array.from({ length: 40 }, (_, seed) => {
    const workload = aWorkload([], { world: { api: { errorShare: 0.5 } } });
    const { series } = simulate({ ...workload, seed }, untilHundred);
    return series.findLast(({ fleet }) => fleet > 0)?.atSeconds ?? 0;
  });
  // Half of these calls fail, and an eighth of the looks, which are tried three times.
  expect(endedAfter.filter((seconds) => seconds > 100).length).toBeGreaterThan(12);
  expect(Math.max(...endedAfter)).toBeLessThan(299);
});

test('replaces a boot that takes more than 15 minutes', () => {
  const workload = aWorkload([0], { world: { boot: { failedShare: 1 } }, durationSeconds: 2000 });
  // Given up after 4 hours more: 18 times two instances in 2000 + 14400 s.
  expect(
    simulate(
      workload,
      wanting(() => 2),
    ).launches,
  ).toBe(2 * Math.ceil(16_400 / 900));
});

test.each(RIVALS.map((rival) => [rival.name, rival] as const))(
  '%s answers a burst and a trickle',
  (_, rival) => {
    const arrivals = [
      ...Array.from({ length: 200 }, (_, index) => 30 + index / 100),
      ...Array.from({ length: 40 }, (_, index) => 60 + 60 * index),
    ];
    // Boots that end between ticks: the naive ones terminate what has just taken the last image.
    const workload = aWorkload(arrivals, {
      serviceSeconds: arrivals.map(() => 0.25),
      durationSeconds: 3600,
      world: { boot: { logSpread: 0.3 } },
    });
    const result = simulate(workload, rivalPolicy(rival));
    expect(result.unanswered).toBe(0);
    expect(result.peak).toBeLessThanOrEqual(20);
  },
);
