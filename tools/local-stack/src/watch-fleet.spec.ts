import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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
    ...more,
    workers: { booting: 0, idle: 1, busy: 0, draining: 0, suspected: 0 },
    queue: { backlog: 0, inFlight: 0, delayed: 0 },
  });

test('every state of the gateway and the scaler is a line', async () => {
  const answers = [
    { status: 404, body: '{}' },
    { status: 200, body: snapshot('2026-01-01T11:59:59.000Z') }, // an earlier stack's
    { status: 200, body: snapshot('2026-01-01T12:00:01.000Z') },
    { status: 200, body: snapshot('2026-01-01T12:00:01.000Z', { stale: true }) },
    { status: 200, body: snapshot('2026-01-01T12:00:02.000Z', { failedBoots }) },
    { status: 503, body: '{}' },
    { status: 200, body: snapshot('2026-01-01T12:00:03.000Z', { failedBoots }) },
    { status: 200, body: 'nonsense' },
  ];
  const server = createServer((_, response) => {
    const { status, body } = answers.shift() ?? { status: 500, body: '' };
    response.writeHead(status).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = new AbortController();
  const lines: string[] = [];
  const said: string[] = [];

  await watchFleet(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/fleet`, {
    since: new Date('2026-01-01T12:00:00.000Z'),
    everyMs: 1,
    show: (line) => {
      lines.push(line);
      if (answers.length === 0) stop.abort();
    },
    say: (line) => void said.push(line),
    workerLogs: 'logs',
    signal: stop.signal,
  });

  expect(lines).toEqual([
    'the scaler has not reported yet',
    'the scaler has not reported yet',
    '0 waiting, 0 in flight | 1 worker: 1 idle',
    'the scaler has not reported since 2026-01-01T12:00:01.000Z, then: 0 waiting, 0 in flight | 1 worker: 1 idle',
    '0 waiting, 0 in flight | 1 worker: 1 idle',
    'fleet unknown: the gateway answers 503',
    '0 waiting, 0 in flight | 1 worker: 1 idle',
    expect.stringContaining('fleet unknown: not JSON'),
  ]);
  expect(said).toEqual([
    '2 workers in a row failed before doing any work: silent: it fell silent. The workers’ logs are in logs.',
  ]);
  server.closeAllConnections();
  server.close();
});
