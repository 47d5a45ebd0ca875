import { expect, test } from 'vitest';
import { withListing, type Life } from './instance-lives.ts';

const launchedAt = new Date(1_000);
const listed = (
  instanceId: string,
  state: 'launching' | 'running' | 'stopping' | 'terminated',
) => ({
  instanceId,
  launchedAt,
  state,
});

test('an instance ends when it is first shown as ending', () => {
  const listings = [
    { atMs: 2_000, instances: [listed('a', 'launching')] },
    { atMs: 3_000, instances: [listed('a', 'running'), listed('b', 'launching')] },
    { atMs: 4_000, instances: [listed('a', 'stopping'), listed('b', 'running')] },
    // One that is not shown any more is not forgotten.
    { atMs: 5_000, instances: [listed('b', 'running')] },
    { atMs: 6_000, instances: [listed('a', 'terminated'), listed('b', 'running')] },
  ];
  const lives = listings.reduce<ReadonlyMap<string, Life>>(
    (seen, { atMs, instances }) => withListing(seen, instances, atMs),
    new Map(),
  );
  expect([...lives]).toEqual([
    ['a', { launchedAtMs: 1_000, endedAtMs: 4_000 }],
    ['b', { launchedAtMs: 1_000, endedAtMs: null }],
  ]);
});

test('one that was ended between two looks has ended by the second', () => {
  const lives = withListing(new Map(), [listed('a', 'terminated')], 7_000);
  expect(lives.get('a')).toEqual({ launchedAtMs: 1_000, endedAtMs: 7_000 });
});
