import { expect, test } from 'vitest';
import { chooseVictims } from './choose-victims.ts';

const GRACE_MS = 10_000;
const NOW = 100_000;
/** An upload that holds so many bytes and fell behind so long ago. */
const upload = (name: string, bytes: number, behindMs = 0) => ({
  name,
  bytes,
  slowAt: NOW + GRACE_MS - behindMs,
});

test.each([
  ['the newest goes first', [upload('a', 9), upload('b', 9), upload('c', 9)], 0, 5, ['c']],
  ['as many go as it takes', [upload('a', 9), upload('b', 9), upload('c', 9)], 0, 15, ['c', 'b']],
  ['the newest itself ends', [upload('a', 9), upload('b', 9), upload('c', 9)], 2, 5, undefined],
  ['older ones that move stay', [upload('a', 9), upload('b', 9), upload('c', 9)], 1, 15, undefined],
  ['a stalled one goes, however old', [upload('a', 9, 2_000), upload('b', 9)], 1, 5, ['a']],
  [
    'the longest stalled goes first',
    [upload('a', 9, 2_000), upload('b', 9, 5_000), upload('c', 9)],
    2,
    5,
    ['b'],
  ],
  ['a short pause is no stall', [upload('a', 9, 500), upload('b', 9)], 1, 5, undefined],
  ['who holds nothing is left alone', [upload('a', 0, 5_000), upload('b', 9)], 1, 5, undefined],
  [
    'nobody goes in vain',
    [upload('a', 9, 2_000), upload('b', 9), upload('c', 9)],
    1,
    99,
    undefined,
  ],
])('%s', (_case, uploads, askerAt, missing, names) => {
  const victims = chooseVictims(uploads, askerAt, missing, NOW, { graceMs: GRACE_MS });
  expect(victims?.map(({ name }) => name)).toEqual(names);
});
