import { createLogger } from '@labelfleet/runtime';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { openMetricsPort } from './metrics-port.ts';

const log = createLogger({ app: 'worker', level: 'silent' });
const host = '127.0.0.1';

/** A port that somebody else has. */
async function takenPort() {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}

test('serves the metrics, and nothing else', async () => {
  const registry = new Registry();
  registry.setDefaultLabels({ app: 'worker' });
  await using port = await openMetricsPort(registry, { host, port: 0, whenTaken: 'fail' }, log);
  const response = await fetch(port?.url ?? '');
  expect(response.headers.get('content-type')).toContain('text/plain');
  expect((await fetch(new URL('/other', port?.url))).status).toBe(404);
});

test('where the port is taken, a worker uses any other one', async () => {
  await using taken = await takenPort();
  const address = { host, port: taken.port, whenTaken: 'use-any' } as const;
  await using port = await openMetricsPort(new Registry(), address, log);
  expect((await fetch(port?.url ?? '')).status).toBe(200);
});

test('where the port is taken, a scaler does without', async () => {
  await using taken = await takenPort();
  const address = { host, port: taken.port, whenTaken: 'do-without' } as const;
  expect(await openMetricsPort(new Registry(), address, log)).toBeUndefined();
});

test.each(['fail', 'use-any', 'do-without'] as const)(
  'an address that this machine does not have is an error (%s)',
  async (whenTaken) => {
    const opened = openMetricsPort(new Registry(), { host: '192.0.2.1', port: 0, whenTaken }, log);
    await expect(opened).rejects.toThrow('METRICS_PORT=0 on 192.0.2.1 cannot be used');
  },
);
