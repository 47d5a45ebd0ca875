import { expect, test } from 'vitest';
import { ask } from '../../testing/a-view.ts';
import { keda } from './keda.ts';

test('waits at zero for its poll, then grows by 4 pods or doubles every 15 s', () => {
  const wanted = ask(keda, 120, (at) => ({ visible: at >= 15 ? 100 : 0 }));
  // Polled at 0 and 30. 100 messages are 20 pods: 1 at 30, which the HPA of the same turn makes 5, then 10, 20.
  expect([0, 15, 30, 45, 60, 75].map((at) => wanted.get(at))).toEqual([0, 0, 5, 10, 20, 20]);
});

test('changes nothing within 10% of the target, counting images in flight', () => {
  const messages = [50, 50, 50, 54, 46, 56];
  const wanted = ask(keda, 90, (at) => ({ visible: 1, inFlight: (messages[at / 15] ?? 0) - 1 }));
  // 10 pods are for 50. 54 and 46 are within the tenth; 56 are 12 pods.
  expect([...wanted.values()]).toEqual([5, 10, 10, 10, 10, 12]);
});

test('shrinks no lower than the highest recommendation of 5 minutes', () => {
  const wanted = ask(keda, 600, (at) => ({ visible: at < 60 ? 50 : 10 }));
  expect(wanted.get(45)).toBe(10);
  // The last 10 was recommended at 45.
  expect(wanted.get(330)).toBe(10);
  expect(wanted.get(345)).toBe(2);
});

test('ends the last pod after an empty queue for the cooldown', () => {
  const wanted = ask(keda, 600, (at) => ({ visible: at < 60 ? 5 : 0 }));
  // Seen active last at 30; polled every 30 s, and more than 300 s later at 360.
  expect(wanted.get(345)).toBe(1);
  expect(wanted.get(360)).toBe(0);
});
