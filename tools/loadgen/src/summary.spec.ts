import { expect, test } from 'vitest';
import type { Outcome } from './outcome.ts';
import { percentile, summarise } from './summary.ts';

const oneToTen = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

test.each([
  { sorted: oneToTen, percent: 50, value: 5 }, // rank ceil(0.50 * 10) = 5
  { sorted: oneToTen, percent: 95, value: 10 }, // rank ceil(0.95 * 10) = 10
  { sorted: oneToTen, percent: 1, value: 1 },
  { sorted: [7], percent: 99, value: 7 },
  { sorted: [1, 9], percent: 50, value: 1 }, // rank 1: half of the values do not exceed it
])('computes p$percent of $sorted as $value', ({ sorted, percent, value }) => {
  expect(percentile(sorted, percent)).toBe(value);
});

test('counts failures, but not in latency and throughput', () => {
  const answer = (latencyMs: number, outcome: Outcome) => ({
    file: 'a.jpg',
    latencyMs,
    repeats: 0,
    outcome,
  });
  const answers = [
    answer(10, { kind: 'right', label: 'cat' }),
    answer(30, { kind: 'wrong', label: 'dog', expected: 'cat' }),
    answer(9000, { kind: 'failed', reason: '503' }),
  ];
  expect(summarise({ answers, elapsedMs: 2000 })).toEqual({
    requests: 3,
    right: 1,
    wrong: 1,
    failed: 1,
    elapsedSeconds: 2,
    throughput: 1, // 2 labels in 2 s
    latencyMs: { p50: 10, p95: 30, p99: 30 },
  });
});

test('has no latency if no request got a label', () => {
  expect(summarise({ answers: [], elapsedMs: 10 }).latencyMs).toBeUndefined();
});
