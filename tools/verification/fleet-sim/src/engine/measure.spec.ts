import { expect, test } from 'vitest';
import { aWorkload } from '../testing/a-workload.ts';
import { bill, Measure } from './measure.ts';
import { Worker } from './worker.ts';

test.each([
  [10.5, 60],
  [60, 60],
  [60.2, 61],
  [3600, 3600],
])('bills an instance of %d s as %d s', (seconds, billed) => {
  const worker = new Worker(0, 100, 140, 0);
  worker.endedAt = 100 + seconds;
  const bills = bill([worker], 60, 10_000);
  expect(bills.billedSeconds).toBe(billed);
  expect(bills.instanceSeconds).toBeCloseTo(seconds, 9);
});

test('bills running instances until the end', () => {
  expect(bill([new Worker(0, 100, 140, 0)], 60, 1100)).toEqual({
    instanceSeconds: 1000,
    billedSeconds: 1000,
  });
});

test('summarises waits by nearest rank', () => {
  const measure = new Measure(aWorkload([0, 0, 0, 0]));
  for (const [image, wait] of [4, 2, 1, 3].entries()) measure.answer(image, wait);
  // Of four: the median is the second, p95 and p99 are the fourth.
  expect(measure.waits(100, 2.5)).toEqual({
    waits: { mean: 2.5, p50: 2, p95: 4, p99: 4 },
    hourlyP95: [4],
    withinTarget: 0.5,
  });
});

test('counts an unanswered image as waiting until the end', () => {
  const measure = new Measure(aWorkload([0, 90]));
  measure.answer(0, 1);
  expect(measure.waits(100, 50)).toEqual({
    waits: { mean: 5.5, p50: 1, p95: 10, p99: 10 },
    hourlyP95: [10],
    withinTarget: 0.5,
  });
});

test('gives the 95th percentile of the arrivals of each hour', () => {
  // The first second of an hour is its own. In the first hour 20 images wait 1 to 20 s: the 19th is p95, by
  // nearest rank. In the second nothing arrives; the one of the third is answered in the fourth, and that of the
  // fifth not before the run ends.
  const first = Array.from({ length: 20 }, (_, image) => image * 189);
  const measure = new Measure(aWorkload([...first, 7200, 14400]));
  for (const [image, at] of first.entries()) measure.answer(image, at + 20 - image);
  measure.answer(20, 7200 + 4000);
  expect(measure.waits(15000, 50).hourlyP95).toEqual([19, null, 4000, null, 600]);
});

test('lists no hour when nothing arrives', () => {
  expect(new Measure(aWorkload([])).waits(100, 50).hourlyP95).toEqual([]);
});

test('throws when an image is answered twice', () => {
  const measure = new Measure(aWorkload([0]));
  measure.answer(0, 1);
  expect(() => measure.answer(0, 2)).toThrow('answered twice');
});
