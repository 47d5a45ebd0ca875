import { fakeS3 } from '@labelfleet/aws/testing';
import { FLEET_SNAPSHOT_KEY } from '@labelfleet/contracts';
import { expect, test } from 'vitest';
import { watchFleet } from './watch-fleet.ts';

const failedBoots = {
  count: 2,
  since: '2026-01-01T12:00:00.000Z',
  last: '2026-01-01T12:00:01.000Z',
  cause: 'silent',
  message: 'it fell silent',
  nextLaunchAt: null,
};

const snapshot = (at: string, more: object = {}) =>
  JSON.stringify({
    at,
    publishedEverySeconds: 10,
    ...more,
    workers: { booting: 0, idle: 1, busy: 0, draining: 0, suspected: 0 },
    queue: { backlog: 0, inFlight: 0, delayed: 0 },
  });

test('every state of the snapshot and the store is a line', async () => {
  const NOW = '2026-01-01T12:01:00.000Z';
  const objects = [
    undefined,
    snapshot('2026-01-01T11:59:59.000Z'), // an earlier stack's
    snapshot(NOW),
    snapshot('2026-01-01T12:00:24.000Z'), // 36 s ago
    snapshot(NOW, { failedBoots }),
    new Error('unreachable'),
    snapshot(NOW, { failedBoots }),
    'nonsense',
  ];
  const s3 = fakeS3();
  s3.createBucket('state');
  const state = s3.store('state');
  const stop = new AbortController();
  const lines: string[] = [];
  const said: string[] = [];

  await watchFleet(
    {
      get: async (key) => {
        const object = objects.shift();
        if (object instanceof Error) throw object;
        if (object !== undefined)
          await state.put(FLEET_SNAPSHOT_KEY, object, { contentType: 'application/json' });
        return state.get(key);
      },
    },
    {
      since: new Date('2026-01-01T12:00:00.000Z'),
      everyMs: 1,
      show: (line) => {
        lines.push(line);
        if (objects.length === 0) stop.abort();
      },
      say: (line) => void said.push(line),
      workerLogs: 'logs',
      unixMs: () => Date.parse(NOW),
      signal: stop.signal,
    },
  );

  expect(lines).toEqual([
    'the scaler has not reported yet',
    'the scaler has not reported yet',
    '0 waiting, 0 in flight | 1 worker: 1 idle',
    'the scaler has not reported since 2026-01-01T12:00:24.000Z, then: 0 waiting, 0 in flight | 1 worker: 1 idle',
    '0 waiting, 0 in flight | 1 worker: 1 idle',
    'fleet unknown: unreachable',
    '0 waiting, 0 in flight | 1 worker: 1 idle',
    expect.stringContaining('fleet unknown: not JSON'),
  ]);
  expect(said).toEqual([
    '2 workers in a row failed before doing any work: silent: it fell silent. The workers’ logs are in logs.',
  ]);
});

test('ends at once although the store does not answer', async () => {
  const stop = new AbortController();
  const lines: string[] = [];
  const reading = Promise.withResolvers<void>();
  const watching = watchFleet(
    {
      get: (_key, signal) => {
        reading.resolve();
        return new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(new Error('stopped')));
        });
      },
    },
    {
      since: new Date(),
      everyMs: 1,
      show: (line) => void lines.push(line),
      say: (line) => void lines.push(line),
      workerLogs: 'logs',
      unixMs: Date.now,
      signal: stop.signal,
    },
  );
  await reading.promise;
  stop.abort();
  await watching;
  expect(lines).toEqual([]);
});
