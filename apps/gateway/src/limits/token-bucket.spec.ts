import { expect, test } from 'vitest';
import { msUntil, refilled } from './token-bucket.ts';

test.each([
  // 60 a minute is one a second.
  { tokens: 0, afterMs: 2_500, has: 2.5 },
  { tokens: 59, afterMs: 5_000, has: 60 },
  { tokens: -10, afterMs: 10_000, has: 0 },
  { tokens: 60, afterMs: 0, has: 60 },
])('a bucket with $tokens of 60 has $has after $afterMs ms', ({ tokens, afterMs, has }) => {
  expect(refilled({ tokens, atMs: 1_000 }, 60, 1_000 + afterMs).tokens).toBe(has);
});

test.each([
  { images: 1, tokens: 1, ms: 0 },
  { images: 1, tokens: 0.25, ms: 750 },
  { images: 5, tokens: 0, ms: 5_000 },
  { images: 100, tokens: 60, ms: 0 },
  { images: 100, tokens: 59, ms: 1_000 },
])('$images images wait $ms ms for a bucket with $tokens of 60', ({ images, tokens, ms }) => {
  expect(msUntil(images, { tokens, atMs: 0 }, 60)).toBe(ms);
});
