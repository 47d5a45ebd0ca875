import { StartError } from '@labelfleet/runtime';
import { Readable } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { listen } from './server.ts';
import { succeeded } from '../testing/results.ts';
import { plainClient, servedGateway } from '../testing/served-gateway.ts';
import { imageForm } from '../testing/uploads.ts';

const FIFTY_MEGABYTES = 50_000_000;

const head = (...headers: string[]) =>
  ['POST / HTTP/1.1', 'Host: localhost', 'Content-Type: image/jpeg', ...headers, '', ''].join(
    '\r\n',
  );

/** A chunked body of 50 MB, with the framing of each chunk. */
function* fiftyMegabytes(frame: (chunk: Buffer) => Buffer[]) {
  const chunk = Buffer.alloc(50_000);
  for (let sent = 0; sent < FIFTY_MEGABYTES; sent += chunk.length) yield* frame(chunk);
}

describe('50 MB', () => {
  test.each([
    [
      'whose length is declared',
      `Content-Length: ${FIFTY_MEGABYTES}`,
      (chunk: Buffer) => [chunk],
      '',
    ],
    [
      'in chunks',
      'Transfer-Encoding: chunked',
      (chunk: Buffer) => [
        Buffer.from(`${chunk.length.toString(16)}\r\n`),
        chunk,
        Buffer.from('\r\n'),
      ],
      '0\r\n\r\n',
    ],
  ])(
    '%s: the client that sends it all sees the 413, and no reset',
    async (_case, header, frame, end) => {
      await using gateway = await servedGateway();
      const client = plainClient(gateway.server);
      client.socket.write(head(header));
      const body = Readable.from(fiftyMegabytes(frame)).on('end', () => client.socket.write(end));
      body.pipe(client.socket, { end: false });
      expect(await client.ended).toBeUndefined();
      expect(client.received()).toMatch(/^HTTP\/1\.1 413 /);
      expect(client.received()).toMatch(/\r\nconnection: close\r\n/i);
      expect(client.received()).toContain('urn:labelfleet:problem:payload-too-large');
      expect(gateway.budget.bytesInUse).toBe(0);
    },
  );

  test('gets no 100 Continue if the client expects one', async () => {
    await using gateway = await servedGateway();
    const client = plainClient(gateway.server);
    client.socket.write(head(`Content-Length: ${FIFTY_MEGABYTES}`, 'Expect: 100-continue'));
    await vi.waitFor(() => expect(client.received()).toContain('payload-too-large'));
    expect(client.received()).toMatch(/^HTTP\/1\.1 413 /); // and no 100 before it
    client.socket.end();
    await client.ended;
  });
});

test('a client that expects 100 Continue gets it for a valid image', async () => {
  await using gateway = await servedGateway();
  const client = plainClient(gateway.server);
  const { contentType, body } = imageForm();
  client.socket.write(
    `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${contentType}\r\n` +
      `Content-Length: ${body.length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`,
  );
  await vi.waitFor(() => expect(client.received()).toMatch(/^HTTP\/1\.1 100 /));
  client.socket.write(body);
  await gateway.completeNext(({ requestId }) => succeeded({ id: requestId }));
  await client.ended;
  expect(client.received()).toMatch(/\r\n\r\nshower curtain$/);
});

test('a client that disconnects during its upload leaves no bytes behind', async () => {
  await using gateway = await servedGateway();
  const client = plainClient(gateway.server);
  client.socket.write(head('Content-Length: 90000') + 'the first bytes');
  await vi.waitFor(() => expect(gateway.budget.bytesInUse).toBeGreaterThan(0));
  client.socket.destroy();
  await vi.waitFor(() => expect(gateway.budget.bytesInUse).toBe(0));
  expect(await gateway.metric('labelfleet_uploads_total{outcome="disconnected"} 1')).toBe(true);
});

test('a client that disconnects while it waits leaves no waiter behind', async () => {
  await using gateway = await servedGateway();
  const client = plainClient(gateway.server);
  const { contentType, body } = imageForm();
  client.socket.write(
    `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${contentType}\r\n` +
      `Content-Length: ${body.length}\r\n\r\n`,
  );
  client.socket.write(body);
  await vi.waitFor(() => expect(gateway.pending.size).toBe(1));
  client.socket.destroy();
  await vi.waitFor(() => expect(gateway.pending.size).toBe(0));
});

describe('at stop', () => {
  const send = (url: string) => {
    const { contentType, body } = imageForm();
    return fetch(url, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: { 'content-type': contentType },
    });
  };

  test('a waiting caller gets its result, and no new connection is accepted', async () => {
    await using gateway = await servedGateway();
    const answer = send(gateway.server.url);
    await vi.waitFor(() => expect(gateway.pending.size).toBe(1));
    const stopped = gateway.server.stop(20_000, () => gateway.pending.stop());
    await expect(fetch(gateway.server.url)).rejects.toThrow();
    await gateway.completeNext(({ requestId }) => succeeded({ id: requestId }));
    expect(await (await answer).text()).toBe('shower curtain');
    await stopped;
  });

  test('a caller that still waits at the end of the drain gets a link to its result', async () => {
    await using gateway = await servedGateway();
    const answer = send(gateway.server.url);
    await vi.waitFor(() => expect(gateway.pending.size).toBe(1));
    await gateway.server.stop(0, () => gateway.pending.stop());
    expect((await answer).status).toBe(202);
  });
});

test('a request with an invalid Host gets a problem document with a request id', async () => {
  await using gateway = await servedGateway();
  const client = plainClient(gateway.server);
  client.socket.end('GET / HTTP/1.1\r\nHost: no host\r\nConnection: close\r\n\r\n');
  await client.ended;
  expect(client.received()).toMatch(/^HTTP\/1\.1 400 /);
  expect(client.received()).toMatch(/\r\nx-request-id: /);
});

test('a gateway whose port is taken does not start', async () => {
  await using gateway = await servedGateway();
  const port = Number(new URL(gateway.server.url).port);
  const second = listen(
    {
      fetch: () => new Response(),
      log: gateway.log,
      accessLog: () => {},
      metrics: gateway.metrics,
    },
    { host: '127.0.0.1', port, keepAliveMs: 0 },
  );
  await expect(second).rejects.toThrow(StartError);
  await expect(second).rejects.toThrow(`127.0.0.1:${port}`);
});
