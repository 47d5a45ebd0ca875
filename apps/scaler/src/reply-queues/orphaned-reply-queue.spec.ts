import { expect, it } from 'vitest';
import { isOrphaned, ORPHANED_AFTER_MS } from './orphaned-reply-queue.ts';

const now = Date.UTC(2026, 0, 1);
const aliveAt = (ms: number) => ({ 'alive-at': new Date(now - ms).toISOString() });

it.each([
  ['just now', aliveAt(0), false],
  ['nearly 15 minutes ago', aliveAt(ORPHANED_AFTER_MS - 1), false],
  ['15 minutes ago', aliveAt(ORPHANED_AFTER_MS), true],
  ['days ago', aliveAt(5e8), true],
  ['in the future, by a clock that is ahead', aliveAt(-ORPHANED_AFTER_MS), false],
  ['at no time that can be read', { 'alive-at': 'yesterday' }, false],
  ['at a time that is empty', { 'alive-at': '' }, false],
  ['never: it has no such tag', { 'alive-At': '2020-01-01T00:00:00Z' }, false],
])('a queue with the alive tag %s is orphaned: %3$s', (_, tags, orphaned) => {
  expect(isOrphaned(tags, now)).toBe(orphaned);
});
