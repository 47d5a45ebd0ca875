import { expect, test } from 'vitest';
import { chooseVictims } from './choose-victims.ts';

const GRACE_MS = 10_000;
const NOW = 100_000;
/** An upload that holds `bytes` and has been behind for the given milliseconds. */
const upload = (name: string, bytes: number, behindMs = 0) => ({
  name,
  bytes,
  slowAt: NOW + GRACE_MS - behindMs,
});

test.each([
  ['the newest is stopped first', [upload('a', 9), upload('b', 9), upload('c', 9)], 0, 5, ['c']],
  [
    'as many are stopped as necessary',
    [upload('a', 9), upload('b', 9), upload('c', 9)],
    0,
    15,
    ['c', 'b'],
  ],
  [
    'the newest cannot stop others',
    [upload('a', 9), upload('b', 9), upload('c', 9)],
    2,
    5,
    undefined,
  ],
  [
    'older uploads that are not stalled stay',
    [upload('a', 9), upload('b', 9), upload('c', 9)],
    1,
    15,
    undefined,
  ],
  [
    'a stalled upload is stopped even if it is older',
    [upload('a', 9, 2_000), upload('b', 9)],
    1,
    5,
    ['a'],
  ],
  [
    'the longest stalled goes first',
    [upload('a', 9, 2_000), upload('b', 9, 5_000), upload('c', 9)],
    2,
    5,
    ['b'],
  ],
  [
    'a short pause does not count as stalled',
    [upload('a', 9, 500), upload('b', 9)],
    1,
    5,
    undefined,
  ],
  [
    'an upload without bytes is not stopped',
    [upload('a', 0, 5_000), upload('b', 9)],
    1,
    5,
    undefined,
  ],
  [
    'no upload is stopped if that does not make enough room',
    [upload('a', 9, 2_000), upload('b', 9), upload('c', 9)],
    1,
    99,
    undefined,
  ],
])('%s', (_case, uploads, askerAt, missing, names) => {
  const victims = chooseVictims(uploads, askerAt, missing, NOW, { graceMs: GRACE_MS });
  expect(victims?.map(({ name }) => name)).toEqual(names);
});
