import { expect, test } from 'vitest';
import { batchedRandomBytes } from './random-bytes.ts';

test('returns as many bytes as asked for, and none of them twice', () => {
  const take = batchedRandomBytes();
  const counts = [10, 24, 4_000, 62, 24, 5_000, 10];
  const taken = counts.map((count) => take(count));
  expect(taken.map(({ length }) => length)).toEqual(counts);
  const hex = Buffer.concat(taken).toString('hex');
  const pieces = hex.match(/.{16}/g) ?? [];
  expect(new Set(pieces).size).toBe(pieces.length);
});
