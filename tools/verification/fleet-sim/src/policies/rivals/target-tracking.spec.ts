import { expect, test } from 'vitest';
import { ask, aRivalWorker } from '../../testing/a-view.ts';
import { targetTracking } from './target-tracking.ts';

/** 10 s are acceptable, and an instance takes 0.1 s an image on its 2 threads: 100 messages an instance. */
const slow = { imageSeconds: 0.2 };

test('scales out in proportion after three minutes above the target', () => {
  const wanted = ask(targetTracking, 360, () => ({ visible: 450 }), slow);
  // 450 are 4.5 instances. With 5 there are 90 each, no more above 100.
  expect([...wanted.values()]).toEqual([1, 1, 5, 5, 5, 5]);
});

test('scales in, in proportion, after fifteen minutes below 90% of the target', () => {
  const wanted = ask(targetTracking, 30 * 60, (at) => ({ visible: at < 180 ? 1000 : 300 }), slow);
  expect(wanted.get(120)).toBe(10);
  // 30 each from the fourth minute on: the fifteenth such point is at 17 min, and 3 instances would have 100.
  expect(wanted.get(16 * 60)).toBe(10);
  expect(wanted.get(17 * 60)).toBe(3);
  expect(wanted.get(29 * 60)).toBe(3);
});

test('shrinks to one instance with an empty queue, but not during a warm-up', () => {
  const warm = (at: number) => ({ visible: at < 180 ? 150 : 0 });
  const wanted = ask(targetTracking, 25 * 60, warm, slow);
  expect(wanted.get(16 * 60)).toBe(2);
  expect(wanted.get(17 * 60)).toBe(1);
  const warming = [aRivalWorker(), aRivalWorker({ up: false })];
  const kept = ask(
    targetTracking,
    25 * 60,
    (at) => ({ ...warm(at), workers: at < 180 ? 0 : warming }),
    slow,
  );
  expect(kept.get(24 * 60)).toBe(2);
});
