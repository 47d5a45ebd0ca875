import { createLogger } from '@labelfleet/runtime';
import { expect, test, vi } from 'vitest';
import { testKey } from '../testing/api-keys.ts';
import { post } from '../testing/gateway.ts';
import { succeeded } from '../testing/results.ts';
import { plainClient, servedGateway } from '../testing/served-gateway.ts';
import { imageForm } from '../testing/uploads.ts';

/** A served gateway, and what it logs about requests. */
async function watched(keys = [testKey().key]) {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({ app: 'gateway', level: 'silent' });
  log.info = (fields: unknown) => void lines.push(fields as Record<string, unknown>);
  log.child = () => log as never;
  const gateway = await servedGateway({ keys, log });
  const logged = () => lines.filter(({ event }) => event === 'http.request');
  return { ...gateway, lines, logged };
}

test('an answered image has one line with everything about it', async () => {
  await using gateway = await watched();
  const { contentType, body } = imageForm();
  const [answer] = await Promise.all([
    fetch(`${gateway.server.url}/v1/classifications?topK=2`, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: {
        ...testKey().headers,
        'content-type': contentType,
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      },
    }),
    gateway.completeNext(({ requestId }) => succeeded({ id: requestId, caller: 'shop' })),
  ]);
  const bytes = (await answer.text()).length;
  await vi.waitFor(() => expect(gateway.logged()).toHaveLength(1));
  const [line] = gateway.logged();
  expect(line).toEqual({
    event: 'http.request',
    method: 'POST',
    path: '/v1/classifications',
    status: 200,
    ms: expect.any(Number) as number,
    bytesIn: body.length,
    bytesOut: expect.any(Number) as number,
    client: '127.0.0.1',
    requestId: answer.headers.get('x-request-id'),
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    caller: 'shop',
    waitEnded: 'completed',
  });
  expect(line?.['bytesOut']).toBeGreaterThan(bytes);
  expect(JSON.stringify(gateway.lines)).not.toContain('a_secret-of-the-test');
  const count = 'labelfleet_http_requests_seconds_count';
  expect(await gateway.metric(`${count}{route="/v1/classifications",status="200"} 1`)).toBe(true);
});

test('a refused request says why, and an unknown address adds no label', async () => {
  await using gateway = await watched();
  await fetch(`${gateway.server.url}/v1/classifications`, { method: 'POST' });
  await fetch(`${gateway.server.url}/wp-admin`);
  await vi.waitFor(() => expect(gateway.logged()).toHaveLength(2));
  expect(gateway.logged()).toMatchObject([
    { status: 401, problem: 'unauthorized', detail: expect.any(String) as string },
    { status: 404, path: '/wp-admin' },
  ]);
  const count = 'labelfleet_http_requests_seconds_count';
  const refused = `${count}{route="/v1/classifications",status="401"} 1`;
  expect(await gateway.metric(refused)).toBe(true);
  expect(await gateway.metric(`${count}{route="none",status="404"} 1`)).toBe(true);
});

test('a client that disconnects while it waits has the status 499', async () => {
  await using gateway = await watched();
  const client = plainClient(gateway.server);
  const { contentType, body } = imageForm();
  client.socket.write(
    `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${contentType}\r\n` +
      `Authorization: ${testKey().headers.authorization}\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  client.socket.write(body);
  await vi.waitFor(() => expect(gateway.pending.size).toBe(1));
  client.socket.destroy();
  await vi.waitFor(() => expect(gateway.logged()).toMatchObject([{ status: 499 }]));
});

test.each([
  ['without a key', 'POST', '/', {}, 401],
  ['with a wrong key', 'POST', '/v1/classifications', { authorization: 'Bearer lf_k1k1_x' }, 401],
  ['over its limit', 'POST', '/', testKey().headers, 429],
  ['of another type', 'POST', '/', { ...testKey().headers, accept: 'image/png' }, 406],
  ['with another method', 'PUT', '/', {}, 405],
  ['to nowhere', 'POST', '/nowhere', {}, 404],
])('an image %s is refused without 100 Continue', async (_case, method, path, headers, status) => {
  const { key } = testKey({ imagesPerDay: 1 });
  await using gateway = await watched([key]);
  const first = await post(gateway, '/', imageForm(), {
    ...testKey().headers,
    prefer: 'respond-async',
  });
  expect(first.status).toBe(202);
  const client = plainClient(gateway.server);
  const lines = Object.entries({
    host: 'localhost',
    'content-type': 'image/jpeg',
    'content-length': '5000',
    expect: '100-continue',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  client.socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  await vi.waitFor(() => expect(client.received()).toContain('urn:labelfleet:problem'));
  expect(client.received()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  client.socket.end();
  await client.ended;
});
