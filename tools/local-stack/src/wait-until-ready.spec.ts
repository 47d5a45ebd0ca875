import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { findPort } from './ports.ts';
import { waitUntilReady } from './wait-until-ready.ts';

const never = new AbortController().signal;
const check = async () => {
  const port = await findPort('PORT', '127.0.0.1', 0);
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

test('a port in use is refused by the name of its variable', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await expect(findPort('LOCAL_CLOUD_PORT', '127.0.0.1', port)).rejects.toThrow(
    `LOCAL_CLOUD_PORT=${port}: port ${port} of 127.0.0.1 is in use`,
  );
  server.close();
});
