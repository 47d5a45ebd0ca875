import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { sendOnce } from './send-once.ts';

test.each([
  { what: 'the time limit', limitMs: 100, abortAfterMs: 60_000, code: 'TimeoutError' },
  { what: 'an abort', limitMs: 60_000, abortAfterMs: 100, code: 'ABORT_ERR' },
])('$what ends a response that stops within its body, and closes its socket', async (each) => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': '9' }).write('begin');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  const closed = once(server, 'connection').then(([socket]) => once(socket as Socket, 'close'));
  const url = { protocol: 'http:', hostname: '127.0.0.1', port };
  const request = { url, agent, method: 'GET', path: '/', headers: {}, body: undefined };
  const { limitMs, abortAfterMs, code } = each;
  const sent = sendOnce({ ...request, limitMs, signal: AbortSignal.timeout(abortAfterMs) });
  await expect(sent).rejects.toMatchObject({ code });
  await closed;
  server.close();
});
