import { FLEET_SNAPSHOT_KEY } from '@labelfleet/contracts';
import { describe, expect, test } from 'vitest';
import { watchForAbandonment } from './idle-watch.ts';
import { silentLog } from '../testing/builders.ts';
import { FakeClock } from '../testing/fake-clock.ts';

const LIMIT_MS = 900_000;

const PERIOD = {
  since: '2026-01-01T00:00:00.000Z',
  images: 0,
  instanceSeconds: 0,
  total: 0,
  parts: { instances: 0, queue: 0, store: 0 },
};
const COST = {
  ...{ currency: 'USD', perHourNow: 0, perImage: null, spotAtMost: false },
  ...PERIOD,
  lastHour: PERIOD,
};

function snapshotOf(unixMs: number): string {
  const at = new Date(unixMs).toISOString();
  return JSON.stringify({
    v: 1,
    at,
    publishedEverySeconds: 10,
    policy: 'backlog-per-worker',
    workers: { booting: 0, idle: 1, busy: 0, draining: 0, suspected: 0 },
    limits: { min: 0, max: 20 },
    queue: { backlog: 0, inFlight: 0, delayed: 0 },
    decision: { at, desired: 0, launched: 0, drained: 0, reason: 'nothing waits' },
    estimatedWaitSeconds: null,
    learned: { serviceSeconds: null, bootSecondsP50: null, bootSecondsP95: null },
    instances: [],
    cost: COST,
    history: [],
  });
}

function watch(body: (clock: FakeClock) => string | null | Error, quietSince?: () => number) {
  const clock = new FakeClock();
  let reads = 0;
  let outcome: string | undefined;
  const end = new AbortController();
  void watchForAbandonment(
    {
      state: {
        get: (key) => {
          reads++;
          expect(key).toBe(FLEET_SNAPSHOT_KEY);
          const text = body(clock);
          if (text instanceof Error) return Promise.reject(text);
          if (text === null) return Promise.resolve(null);
          const object = { etag: 'x', contentType: 'application/json', metadata: {} };
          return Promise.resolve({ ...object, body: new TextEncoder().encode(text) });
        },
      },
      quietMs: () => clock.monotonicMs() - (quietSince?.() ?? 0),
      idleShutdownMs: LIMIT_MS,
      clock,
      log: silentLog,
    },
    end.signal,
  ).then((reason) => (outcome = reason));
  return { clock, outcome: () => outcome, reads: () => reads };
}

describe('a worker that has had no image for its idle limit', () => {
  test.each([
    [
      'goes on when the snapshot is fresh',
      (clock: FakeClock) => snapshotOf(clock.unixMs() - 10_000),
      undefined,
    ],
    [
      'stops when the snapshot is older than the limit',
      (clock: FakeClock) => snapshotOf(clock.startedAt - 1),
      'idle, and the fleet snapshot is of 2026-03-01T11:59:59.999Z',
    ],
    [
      'stops when there is no snapshot',
      () => null,
      'idle, and no fleet snapshot was ever published',
    ],
    ['goes on when the store cannot be reached', () => new Error('ECONNREFUSED'), undefined],
    ['goes on when the snapshot is malformed', () => '{}', undefined],
  ])('%s', async (_, body, reason) => {
    const { clock, outcome } = watch(body);
    await clock.advance(LIMIT_MS + 60_000);
    expect(outcome()).toBe(reason);
  });

  test('reads the snapshot only after its idle limit, at most once a minute', async () => {
    const { clock, reads } = watch((clock) => snapshotOf(clock.unixMs()));
    await clock.advance(LIMIT_MS - 1);
    expect(reads()).toBe(0);
    await clock.advance(5 * 60_000);
    expect(reads()).toBe(5);
  });

  test('goes on when an image arrives while the snapshot is read', async () => {
    let since = 0;
    const { clock, outcome } = watch(
      (clock) => {
        since = clock.monotonicMs();
        return null;
      },
      () => since,
    );
    await clock.advance(LIMIT_MS + 60_000);
    expect(outcome()).toBeUndefined();
  });
});
