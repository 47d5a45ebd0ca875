import { describe, expect, test } from 'vitest';
import { aRivalWorker, ask, wantedFor } from '../../testing/a-view.ts';
import { plainWorld } from '../../testing/a-workload.ts';
import { buildkite, buildkiteScaleIn } from './buildkite.ts';
import { delayedOff } from './delayed-off.ts';
import { fixed } from './fixed.ts';
import { naive } from './naive.ts';
import { squareRoot } from './square-root.ts';
import { longestIdleFirst, nearestBillingHour, youngestFirst } from './victims.ts';

const naiveFive = naive('naive', 5);

test.each([
  { rival: fixed(7), wanted: 7 },
  { rival: fixed(7), visible: 1000, workers: 7, wanted: 7 },
  { rival: naive('naive', 1), visible: 11, wanted: 11 },
  { rival: naiveFive, visible: 11, wanted: 3 },
  // What is there stays while anything waits.
  { rival: naiveFive, visible: 1, workers: 3, wanted: 3 },
  // Nothing waits: everything goes, with 4 images in the works.
  { rival: naiveFive, visible: 0, inFlight: 4, workers: 3, wanted: 0 },
  // 2 agents an instance: (7 + 4) / 2.
  { rival: buildkite, visible: 7, inFlight: 4, workers: 2, wanted: 6 },
  { rival: buildkite, visible: 0, inFlight: 1, workers: 5, wanted: 5 },
])('$rival.name with $visible, $inFlight in flight and $workers instances: $wanted', (row) => {
  const { rival, wanted, ...view } = row;
  expect(wantedFor(rival, view)).toBe(wanted);
});

test('buildkite with its own scale-in shrinks at once and then not for 2 minutes', () => {
  const wanted = ask(buildkiteScaleIn, 200, (at) => ({ visible: at < 20 ? 20 : at < 60 ? 8 : 2 }));
  // 20 jobs want 10; 8 want 4, at 20 s; 2 want 1, not before 140 s.
  expect([0, 10, 20, 60, 130, 140].map((at) => wanted.get(at))).toEqual([10, 10, 4, 4, 4, 1]);
});

test('delayed-off launches when all are busy and ends after an idle boot time', () => {
  const { scaleIn } = delayedOff;
  expect(scaleIn.kind === 'idle' && scaleIn.seconds(plainWorld())).toBe(40);
  // 5 wait for 2 slots each: 3 more than the 2 that are up; one of those boots already.
  const workers = [aRivalWorker(), aRivalWorker(), aRivalWorker({ up: false })];
  expect(wantedFor(delayedOff, { visible: 5, workers })).toBe(5);
  expect(wantedFor(delayedOff, { visible: 0, workers })).toBe(3);
});

test('square-root sizes the fleet for the load of the last minute', () => {
  // 32 images a second of 0.5 s: a load of 16 threads, and 16 + sqrt(16) = 20 are 10 instances of 2.
  const view = (at: number) => ({ sent: 32 * Math.min(at, 120), inFlight: 1 });
  const wanted = ask(squareRoot, 300, view, { imageSeconds: 0.5 });
  // Half a minute after the last arrival: a load of 8, and 8 + 2.83 are 6 instances; then one for the rest.
  expect([60, 120, 150, 200].map((at) => wanted.get(at))).toEqual([10, 10, 6, 1]);
});

describe('victims', () => {
  const [young, old, booting] = [
    aRivalWorker({ launchedAt: 3000 }),
    aRivalWorker({ launchedAt: 100, busy: false, idleSeconds: 5 }),
    aRivalWorker({ launchedAt: 2000, up: false, busy: false }),
  ];
  const order = (victim: typeof nearestBillingHour) =>
    [young, old, booting].sort((a, b) => victim(a, b, 3800));

  test('of a ReplicaSet are those not ready, then the youngest', () => {
    expect(order(youngestFirst)).toEqual([booting, young, old]);
  });

  test('of an Auto Scaling group are those furthest into their billing hour', () => {
    // 800 s, 100 s (of the second hour) and 1800 s.
    expect(order(nearestBillingHour)).toEqual([booting, young, old]);
  });

  test('of the idle are the longest idle, busy ones last', () => {
    expect(order(longestIdleFirst)).toEqual([old, booting, young]);
  });
});
