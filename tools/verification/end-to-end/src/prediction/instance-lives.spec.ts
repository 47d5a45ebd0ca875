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

test('ends an instance when it is first listed as ending', () => {
  const listings = [
    { atMs: 2_000, instances: [listed('a', 'launching')] },
    { atMs: 3_000, instances: [listed('a', 'running'), listed('b', 'launching')] },
    { atMs: 4_000, instances: [listed('a', 'stopping'), listed('b', 'running')] },
    // An instance that is no longer listed is kept.
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

test('ends an instance at the second listing when it ended between two', () => {
  const lives = withListing(new Map(), [listed('a', 'terminated')], 7_000);
  expect(lives.get('a')).toEqual({ launchedAtMs: 1_000, endedAtMs: 7_000 });
});
