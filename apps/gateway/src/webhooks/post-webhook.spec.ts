import { systemClock } from '@labelfleet/runtime';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { describe, expect, test } from 'vitest';
import { postWebhook, type PostDeps } from './post-webhook.ts';

const never = new AbortController().signal;

/** Counts its requests. */
async function startReceiver(answer: RequestListener) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: (host = '127.0.0.1') => new URL(`http://${host}:${port}/hook`),
    requests: () => requests,
    connections: () =>
      new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count))),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Resolves every name to these addresses. */
const resolvesTo =
  (...addresses: string[]): LookupFunction =>
  (_, options, callback) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all) callback(null, found);
    else callback(null, found[0]?.address ?? '', found[0]?.family);
  };

const post = (url: URL, deps: Partial<PostDeps> = {}, signal = never) =>
  postWebhook(
    url,
    { 'webhook-id': 'id' },
    '{}',
    { lookup: resolvesTo('127.0.0.1'), allowLoopback: true, clock: systemClock, ...deps },
    signal,
  );

describe('a webhook', () => {
  test('is posted as JSON, to the address that was resolved, under the name of the host', async () => {
    const seen: unknown[] = [];
    await using receiver = await startReceiver((request, response) => {
      const { host, 'content-type': type, 'content-length': length } = request.headers;
      seen.push([request.method, request.url, host, type, length, request.headers['webhook-id']]);
      response.end('thanks');
    });
    const url = receiver.url('hooks.example');
    expect(await post(url)).toEqual({ kind: 'accepted' });
    expect(seen).toEqual([['POST', '/hook', url.host, 'application/json', '2', 'id']]);
  });

  test('connects to the address that was checked: no second resolution can lead elsewhere', async () => {
    await using receiver = await startReceiver((_, response) => response.end());
    const answers = [['127.0.0.1'], ['10.0.0.1']];
    const lookup: LookupFunction = (...args) => resolvesTo(...(answers.shift() ?? []))(...args);
    expect(await post(receiver.url('rebound.example'), { lookup })).toEqual({ kind: 'accepted' });
    expect(answers).toEqual([['10.0.0.1']]);
    expect(receiver.requests()).toBe(1);
  });

  test.each([200, 202, 204, 299])('that is answered %i is accepted', async (status) => {
    await using receiver = await startReceiver((_, response) => response.writeHead(status).end());
    expect(await post(receiver.url())).toEqual({ kind: 'accepted' });
  });

  test.each([
    [301, 'The receiver answered 301. Redirects are not followed.'],
    [307, 'The receiver answered 307. Redirects are not followed.'],
    [410, 'The receiver answered 410.'],
    [500, 'The receiver answered 500.'],
  ])('that is answered %i has failed, and no redirect is followed', async (status, error) => {
    await using receiver = await startReceiver((_, response) =>
      response.writeHead(status, { location: '/elsewhere' }).end(),
    );
    expect(await post(receiver.url())).toEqual({ kind: 'failed', error });
    expect(receiver.requests()).toBe(1);
  });

  test.each<[string, RequestListener]>([
    [
      'endless body',
      (_, response) => {
        const write = () => void (response.write('x'.repeat(20_000)) && setImmediate(write));
        response.on('drain', write);
        write();
      },
    ],
    [
      'body that breaks',
      (_, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('some');
        setImmediate(() => response.destroy());
      },
    ],
  ])('whose response has an %s is accepted, and its connection closed', async (_, answer) => {
    await using receiver = await startReceiver(answer);
    expect(await post(receiver.url())).toEqual({ kind: 'accepted' });
    await expect.poll(receiver.connections).toBe(0);
  });

  test('that is not answered in time has failed, and its connection is closed', async () => {
    await using receiver = await startReceiver(() => undefined);
    const limits: number[] = [];
    const received = async (ms: number) => {
      limits.push(ms);
      await expect.poll(receiver.requests).toBe(1);
    };
    expect(await post(receiver.url(), { clock: { sleep: received } })).toEqual({
      kind: 'failed',
      error: 'The receiver did not answer within 15 s.',
    });
    expect(limits).toEqual([15_000]);
    await expect.poll(receiver.connections).toBe(0);
  });

  test('ends with the reason of a stop', async () => {
    await using receiver = await startReceiver(() => undefined);
    const stopping = new AbortController();
    const posted = post(receiver.url(), {}, stopping.signal);
    await expect.poll(receiver.requests).toBe(1);
    stopping.abort(new Error('stopping'));
    await expect(posted).rejects.toThrow('stopping');
  });

  test('to a receiver that is down has failed', async () => {
    const receiver = await startReceiver(() => undefined);
    await receiver[Symbol.asyncDispose]();
    expect(await post(receiver.url())).toEqual({
      kind: 'failed',
      error: 'Nothing listens at that address and port. Check that the server runs.',
    });
  });
});

describe('no webhook is sent', () => {
  test.each([
    ['a private address', ['10.0.0.1'], '10.0.0.1'],
    ['this machine', ['127.0.0.1'], '127.0.0.1'],
    ['instance metadata', ['169.254.169.254'], '169.254.169.254'],
    ['a public and a private address', ['1.1.1.1', 'fd00::1'], 'fd00::1'],
    ['an IPv4-mapped address', ['::ffff:127.0.0.1'], '::ffff:127.0.0.1'],
  ])('to a name that resolves to %s', async (_, addresses, refused) => {
    await using receiver = await startReceiver((_request, response) => response.end());
    const deps = { lookup: resolvesTo(...addresses), allowLoopback: false };
    for (const url of [receiver.url('rebound.example'), new URL('https://rebound.example/')])
      expect(await post(url, deps)).toEqual({
        kind: 'failed',
        error: `${refused} is no address of the public internet, so no webhook is sent there.`,
      });
    expect(receiver.requests()).toBe(0);
  });

  test.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '169.254.169.254',
  ])('to the address %s, which needs no resolution', async (host) => {
    await using receiver = await startReceiver((_request, response) => response.end());
    expect(await post(receiver.url(host), { allowLoopback: false })).toMatchObject({
      kind: 'failed',
      error: expect.stringContaining('no address of the public internet') as string,
    });
    expect(receiver.requests()).toBe(0);
  });
});
