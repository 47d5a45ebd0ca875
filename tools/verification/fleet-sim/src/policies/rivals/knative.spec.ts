import { expect, test } from 'vitest';
import { ask, aRivalWorker } from '../../testing/a-view.ts';
import { knative } from './knative.ts';

const up = (count: number) => Array.from({ length: count }, () => aRivalWorker());

test('divides a steady concurrency by the target of a pod', () => {
  const wanted = ask(knative, 120, () => ({ inFlight: 5, workers: up(4) }));
  // 2 slots at 70 % are 1.4 requests a pod: 5 / 1.4 = 3.6.
  expect(new Set(wanted.values())).toEqual(new Set([4]));
});

test('panics in a burst: uses the last 6 s and does not shrink for a minute', () => {
  const wanted = ask(knative, 180, (at) => ({
    visible: at >= 60 && at < 66 ? 14 : 0,
    inFlight: 1,
    workers: up(1),
  }));
  // At 60 s the means are of 3 points: (15 + 1 + 1) / 3 / 1.4 = 4.05; at 64 s all three are 15: 10.7.
  expect(wanted.get(58)).toBe(1);
  expect(wanted.get(60)).toBe(5);
  expect(wanted.get(64)).toBe(11);
  // Twice the ready pod is asked for until 68 s, when one of the points is 15: 4.05 again; at 70 s 1.
  expect(wanted.get(128)).toBe(11);
  expect(wanted.get(130)).toBe(1);
});

test('halves at most, and ends the last pod 30 s after the stable window', () => {
  const wanted = ask(knative, 150, (at, fleet) => ({
    inFlight: at < 20 ? 11 : 0,
    workers: at < 20 ? up(8) : up(fleet),
  }));
  // 11 / 1.4 = 7.9 pods; the mean of a minute falls as the zeros come in. Last seen at 18 s.
  expect(wanted.get(18)).toBe(8);
  expect(wanted.get(76)).toBe(1);
  expect(wanted.get(106)).toBe(1);
  expect(wanted.get(108)).toBe(0);
});
