import { describe, expect, test } from 'vitest';
import { missesBySeconds, parseDeadline } from './deadline.ts';
import { SNAPSHOT } from './testing/gateway.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const inSeconds = (seconds: number) => new Date(NOW + seconds * 1000);

test.each([
  [undefined, undefined],
  ['1', inSeconds(1)],
  ['86400', inSeconds(86_400)],
  ['0', 'out-of-range'],
  ['86401', 'out-of-range'],
  ['1.5', 'out-of-range'],
  ['-1', 'out-of-range'],
  ['soon', 'out-of-range'],
  ['', 'out-of-range'],
])('X-Deadline-Seconds: %s is %s', (header, deadline) => {
  expect(parseDeadline(header, NOW)).toEqual(deadline);
});

describe('a deadline in 30 s', () => {
  const at = (ageMs: number) => new Date(NOW - ageMs).toISOString();
  test.each([
    ['nothing was published', undefined, 0],
    ['no wait is known', { ...SNAPSHOT, at: at(0), estimatedWaitSeconds: null }, 0],
    ['the wait is 30 s', { ...SNAPSHOT, at: at(0), estimatedWaitSeconds: 30 }, 0],
    ['the wait is 42.5 s', { ...SNAPSHOT, at: at(60_000), estimatedWaitSeconds: 42.5 }, 12.5],
    ['that was over a minute ago', { ...SNAPSHOT, at: at(60_001), estimatedWaitSeconds: 42 }, 0],
  ])('where %s', (_, snapshot, seconds) => {
    expect(missesBySeconds(inSeconds(30), snapshot, NOW)).toBe(seconds);
  });
});
