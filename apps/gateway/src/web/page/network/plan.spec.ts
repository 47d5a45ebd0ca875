import { describe, expect, test } from 'vitest';
import { backoffMs, dueGathering, dueStreams, dueUploads } from './plan.ts';
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

describe('event streams', () => {
  const given = (...ids: string[]): State => ({
    ...INITIAL,
    batches: Object.fromEntries(ids.map((id) => [id, { completed: id.startsWith('done') }])),
  });
  const opened = (agoMs: number, ...ids: string[]) =>
    new Map(ids.map((id) => [id, { openedAt: NOW - agoMs }]));
  test.each([
    ['follow open batches in their order', given('a', 'done', 'b'), opened(0), {}, ['a', 'b'], []],
    ['are three', given('a', 'b', 'c', 'd'), opened(0, 'a'), {}, ['b', 'c'], []],
    ['wait after a failure', given('a', 'b'), opened(0), { a: NOW + 1 }, ['b'], []],
    ['end with their batch', given('done'), opened(0, 'done'), {}, [], ['done']],
    ['stay while no batch waits', given('a', 'b'), opened(60_000, 'a', 'b'), {}, [], []],
    ['have a turn', given('a', 'b', 'c', 'd'), opened(9_999, 'a', 'b', 'c'), {}, [], []],
    [
      'make room for a batch that was gathered later',
      given('a', 'b', 'c', 'd'),
      opened(10_000, 'a', 'b', 'c'),
      {},
      [],
      ['a'],
    ],
    [
      'go to the batch that has waited longest',
      given('a', 'b', 'c', 'd'),
      opened(10_000, 'b', 'c'),
      { a: NOW },
      ['d'],
      ['b'],
    ],
    [
      'are left as they are while a key is needed',
      { ...given('a'), apiKey: 'needed' as const },
      opened(0, 'done'),
      {},
      [],
      [],
    ],
  ])('%s', (_, state, streams, notBefore, begin, end) => {
    expect(dueStreams(state, streams, new Map(Object.entries(notBefore)), NOW)).toEqual({
      begin,
      end,
    });
  });
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
