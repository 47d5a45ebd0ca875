import { describe, expect, test } from 'vitest';
import { backoffMs, dueGathering, dueUploads, openBatches } from './plan.ts';
import { INITIAL, type Row, type State } from '../state/state.ts';

const row = (overrides: Partial<Row>): Row => ({
  id: 'a',
  key: 'k',
  name: 'a.jpg',
  size: 1,
  phase: 'unsent',
  sent: 0,
  tries: 0,
  notBefore: 0,
  hasFile: true,
  ...overrides,
});
const rows = (count: number, overrides: Partial<Row> = {}) =>
  Array.from({ length: count }, (_, index) => row({ id: String(index), ...overrides }));
const state = (...all: Row[]): State => ({ ...INITIAL, rows: all });
const NOW = 1_000_000;

describe('uploads', () => {
  test.each([
    ['six at once', state(...rows(10)), 0, 6],
    [
      'what is free next to those under way',
      state(...rows(4, { phase: 'sending' }), ...rows(4)),
      0,
      2,
    ],
    ['fewer next to event streams', state(...rows(10)), 2, 4],
    ['at least three', state(...rows(10)), 6, 3],
    ['none before its time', state(...rows(2, { notBefore: NOW + 1 })), 0, 0],
    [
      'none without the key that is needed',
      { ...state(...rows(2)), apiKey: 'needed' as const },
      0,
      0,
    ],
  ])('start %s', (_, given, streams, expected) => {
    expect(dueUploads(given, streams, NOW)).toHaveLength(expected);
  });
});

describe('accepted images are gathered', () => {
  const accepted = { phase: 'queued', requestId: 'r', acceptedAt: NOW } as const;
  const sending = row({ id: 'sending', phase: 'sending' });
  test.each([
    ['when nothing is left to send', state(...rows(3, accepted)), 3],
    ['not while others are sent', state(...rows(3, accepted), sending), 0],
    ['when a batch is full', state(...rows(130, accepted), sending), 100],
    [
      'when the first has waited',
      state(...rows(3, { ...accepted, acceptedAt: NOW - 9_000 }), sending),
      3,
    ],
    [
      'without waiting for those that nobody answered',
      state(...rows(3, accepted), row({ id: 'late', tries: 1 })),
      3,
    ],
    ['once', state(...rows(3, { ...accepted, batchId: 'b' })), 0],
  ])('%s', (_, given, expected) => {
    expect(dueGathering(given, NOW)).toHaveLength(expected);
  });
});

test('follows the batches that are not completed, in their order', () => {
  const batches = { b1: { completed: false }, b2: { completed: true }, b3: { completed: false } };
  expect(openBatches({ ...INITIAL, batches })).toEqual(['b1', 'b3']);
});

test.each([
  [0, undefined, 0, 500],
  [0, undefined, 1, 1_000],
  [3, undefined, 1, 8_000],
  [50, undefined, 1, 15_000],
  [0, 7_000, 0, 7_000],
])('after %d tries and Retry-After %s it waits', (tries, retryAfterMs, random, expected) => {
  expect(backoffMs(tries, retryAfterMs, random)).toBe(expected);
});
