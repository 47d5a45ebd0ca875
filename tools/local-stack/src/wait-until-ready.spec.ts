import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { findPorts } from './ports.ts';
import { waitUntilReady } from './wait-until-ready.ts';

const never = new AbortController().signal;
const gateway = { host: '127.0.0.1', port: 0, metricsPort: 0 };
const check = async () => {
  const ports = await findPorts({ gateway, scalerPort: 0, localCloudPort: 0 });
  const port = ports.gateway;
  const url = `http://127.0.0.1:${port}/readyz`;
  return {
    port,
    check: { name: 'gateway', url, accepts: (status: number) => status === 200, timeoutMs: 20_000 },
  };
};

test('a server is ready when it says so, not when it listens', async () => {
  const target = await check();
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.writeHead(asked < 3 ? 503 : 200).end();
  });
  const waiting = waitUntilReady(target.check, never);
  server.listen(target.port, '127.0.0.1');
  await waiting;
  expect(asked).toBe(3);
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

test('the wait ends with the reason of its signal', async () => {
  const died = new AbortController();
  const waiting = waitUntilReady((await check()).check, died.signal);
  died.abort(new Error('gateway ended with exit code 78'));
  await expect(waiting).rejects.toThrow('gateway ended with exit code 78');
});

test('a server that is never ready is named', async () => {
  const target = await check();
  await expect(waitUntilReady({ ...target.check, timeoutMs: 1 }, never)).rejects.toThrow(
    `gateway is not ready after 0.001 s (${target.check.url})`,
  );
});
