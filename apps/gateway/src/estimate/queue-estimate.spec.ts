import type { FleetSnapshot } from '@labelfleet/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SNAPSHOT } from '../testing/fleet.ts';
import { imagesAhead } from './place-in-queue.ts';
import { estimateQueue } from './queue-estimate.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const iso = (secondsAgo: number) => new Date(NOW - 1000 * secondsAgo).toISOString();

const NONE = { booting: 0, idle: 0, busy: 0, draining: 0, suspected: 0 };
const learned = { serviceSeconds: 1, bootSecondsP50: 16, bootSecondsP95: 28 };

/** A snapshot of now: no worker, no image, a boot takes 16 to 28 s and an image 1 s. */
const fleet = (overrides: Partial<FleetSnapshot> = {}): FleetSnapshot => ({
  ...SNAPSHOT,
  at: iso(0),
  workers: NONE,
  queue: { backlog: 0, inFlight: 0, delayed: 0 },
  decision: { ...SNAPSHOT.decision, desired: 0 },
  learned,
  ...overrides,
});

const booting = (...ages: number[]): Partial<FleetSnapshot> => ({
  workers: { ...NONE, booting: ages.length },
  instances: ages.map((age) => ({
    ...({ id: `i-${age}`, state: 'booting', completed: 0 } as const),
    since: iso(age - 1),
    launchedAt: iso(age),
  })),
});
const up = (busy: number) => ({ workers: { ...NONE, busy } });
const waiting = (backlog: number, inFlight = 0) => ({ queue: { backlog, inFlight, delayed: 0 } });
const failedBoots = {
  ...{ count: 3, since: iso(60), last: iso(5), cause: 'stopped', message: 'It stopped.' },
  nextLaunchAt: iso(-20),
};

interface Row {
  title: string;
  snapshot: FleetSnapshot;
  /** Seconds since the submission; 0 by default. */
  submitted?: number;
  ahead?: number;
  low: number;
  high: number | null;
  basis: string;
}

const rows: Row[] = [
  {
    title: 'no worker: a launch within 3 s, a boot of 16 to 28 s, and the image of 0.8 to 1.5 s',
    snapshot: fleet(),
    ...{ low: 16, high: 33, basis: 'No worker is up. A boot takes about 16 s.' },
  },
  {
    title: 'a boot since 6 s has 10 to 22 s to go',
    snapshot: fleet(booting(6)),
    ...{ low: 10, high: 24, basis: 'No worker is up. One is starting (6 s of about 16).' },
  },
  {
    title: 'a boot of 20 s may end at any moment, and is expected to end within 8 s',
    snapshot: fleet(booting(20)),
    low: 0,
    high: 10,
    basis: 'No worker is up. One is starting (20 s; 95 % of boots take less than 28 s).',
  },
  {
    title: 'nobody can say when a boot ends that is longer than 95 % of boots',
    snapshot: fleet(booting(31)),
    low: 0,
    high: null,
    basis: 'No worker is up. One is starting, for 31 s: longer than 95 % of boots (28 s).',
  },
  {
    title: 'four boots share 20 images: 20 * 0.8 / 4 after 10 s, 20 * 1.5 / 4 after 22 s',
    snapshot: fleet({ ...booting(6, 6, 6, 6), ...waiting(20) }),
    ahead: 20,
    ...{ low: 14, high: 31, basis: 'No worker is up. 4 are starting (6 s of about 16).' },
  },
  {
    title: 'no boot was measured yet',
    snapshot: fleet({
      ...booting(6),
      learned: { ...learned, bootSecondsP50: null, bootSecondsP95: null },
    }),
    low: 0,
    high: null,
    basis: 'No worker is up. One is starting (6 s so far; no boot was measured yet).',
  },
  {
    title: 'boots fail: the next launch is in 20 s',
    snapshot: fleet({ failedBoots }),
    ...{ low: 36, high: null },
    basis: 'No worker is up. The last 3 boots failed; the next launch is in 20 s.',
  },
  {
    title: 'two workers and 10 images: 10 * 0.8 / 2 + 0.8, 10 * 1.5 / 2 + 1.5',
    snapshot: fleet({ ...up(2), ...waiting(10) }),
    ahead: 10,
    ...{
      low: 4,
      high: 9,
      basis: '2 workers are up, each taking 1 s an image; about 10 images are ahead.',
    },
  },
  {
    title: 'six of ten images are in flight: nearly done, or just begun',
    snapshot: fleet({ ...up(2), ...waiting(4, 6) }),
    ahead: 10,
    ...{
      low: 2,
      high: 9,
      basis: '2 workers are up, each taking 1 s an image; about 10 images are ahead.',
    },
  },
  {
    title: 'the request itself is the one image of the queue',
    snapshot: fleet({ ...up(1), ...waiting(1) }),
    submitted: 1,
    ...{ low: 0, high: 2, basis: '1 worker is up, taking 1 s an image; about 0 images are ahead.' },
  },
  {
    title: 'no image was measured yet',
    snapshot: fleet({ ...up(1), learned: { ...learned, serviceSeconds: null } }),
    ...{
      low: 0,
      high: null,
      basis: '1 worker is up, no image was measured yet; about 0 images are ahead.',
    },
  },
  {
    title: 'a third worker that is wanted may join after 16 s, when 20 of 48 s are left',
    snapshot: fleet({
      ...{ ...up(2), ...waiting(60) },
      decision: { ...SNAPSHOT.decision, desired: 3 },
    }),
    ahead: 60,
    // Low: 48 s of work, 32 by two and 16 by three, and 0.8 s. High: 90 s of work by two, and 1.5 s.
    ...{
      low: 22,
      high: 47,
      basis: '2 workers are up, each taking 1 s an image; about 60 images are ahead.',
    },
  },
];

describe('a queued request waits', () => {
  test.each(rows)('$title', ({ snapshot, submitted = 0, ahead = 0, low, high, basis }) => {
    expect(estimateQueue(snapshot, new Date(NOW - 1000 * submitted), NOW)).toEqual({
      aheadApproximately: ahead,
      estimatedWait: { lowSeconds: low, highSeconds: high, basis },
    });
  });
});

test('no bound grows while the fleet stays as it is', () => {
  const snapshots = rows.map(({ snapshot }) => snapshot);
  const seconds = fc.nat({ max: 120 });
  fc.assert(
    fc.property(fc.constantFrom(...snapshots), seconds, seconds, seconds, (snapshot, ago, a, b) => {
      const submittedAt = new Date(NOW - 1000 * ago);
      const waitAt = (after: number) =>
        estimateQueue(snapshot, submittedAt, NOW + 1000 * after).estimatedWait;
      const [earlier, later] = [waitAt(Math.min(a, b)), waitAt(Math.max(a, b))];
      expect(later.lowSeconds).toBeLessThanOrEqual(earlier.lowSeconds);
      // Once nobody can say, it stays so.
      if (later.highSeconds !== null)
        expect(later.highSeconds).toBeLessThanOrEqual(earlier.highSeconds ?? -1);
    }),
  );
});

describe('the images ahead', () => {
  // 40 arrived in the 4 s until 10 s ago; 15 are completed since.
  const sample = (ago: number, backlog: number, completed: number) => ({
    ...{ at: iso(ago), backlog, inFlight: 0, workers: 1, completed },
  });
  const history = [sample(14, 0, 100), sample(10, 40, 100), sample(1, 25, 115)];
  const snapshot = { at: iso(0), ...waiting(25), history };
  test.each([
    { submitted: 0, ahead: 25, because: 'all that wait are ahead of a new one' },
    { submitted: 10, ahead: 24, because: 'all others are ahead of the last one of the burst' },
    { submitted: 11, ahead: 15, because: '30 arrived before it, and 15 are completed' },
    { submitted: 13, ahead: 0, because: 'those that arrived before it are completed' },
    { submitted: 600, ahead: 0, because: 'it arrived before the oldest sample' },
  ])('of a request $submitted s ago are $ahead: $because', ({ submitted, ahead }) => {
    expect(imagesAhead(snapshot, NOW - 1000 * submitted)).toBe(ahead);
  });

  test('are all others, if the history does not say what was completed', () => {
    const old = history.map((entry) => ({ ...entry, completed: undefined }));
    expect(imagesAhead({ ...snapshot, history: old }, NOW - 13_000)).toBe(24);
  });
});
