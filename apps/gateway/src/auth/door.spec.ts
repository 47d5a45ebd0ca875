import { expect, test } from 'vitest';
import { parseNetworks } from '../http/client-view.ts';
import { testKey } from '../testing/api-keys.ts';
import { fakeGateway, post } from '../testing/gateway.ts';
import { succeeded } from '../testing/results.ts';
import { IMAGES, imageForm } from '../testing/uploads.ts';

const shop = testKey({ id: 'shop1' });
const press = testKey({ id: 'press1', caller: 'press' }, 'of-the-press');
const KEYS = { keys: [shop.key, press.key] };
const ASYNC = { prefer: 'respond-async' };

test.each([
  ['POST', '/', 401],
  ['POST', '/v1/classifications', 401],
  ['DELETE', '/v1/classifications', 401],
  ['GET', '/v1/classifications/0192f0c1-7a8b-7c3d-9e4f-5a6b7c8d9e0f', 401],
  ['GET', '/v1/fleet', 401],
  ['GET', '/v1/nothing', 401],
  ['GET', '/', 200],
  ['GET', '/page.js', 200],
  ['GET', '/healthz', 200],
  ['GET', '/readyz', 200],
  ['OPTIONS', '/v1/classifications', 204],
])('without its key, %s %s is %d', async (method, path, status) => {
  await using gateway = await fakeGateway(KEYS);
  const response = await gateway.app.request(path, { method });
  expect(response.status).toBe(status);
  expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
});

test('until there is a file of keys, nobody needs one', async () => {
  await using gateway = await fakeGateway({ ...KEYS, keysRequired: false });
  const sent = await post(gateway, '/v1/classifications', imageForm(), ASYNC);
  expect(sent.status).toBe(202);
  const foreign = { ...ASYNC, origin: 'https://foreign.example' };
  const refused = await post(gateway, '/v1/classifications', imageForm(), foreign);
  expect(refused.status).toBe(403);
});

test('a caller sees its own requests only, also by its idempotency keys', async () => {
  await using gateway = await fakeGateway(KEYS);
  const key = { 'idempotency-key': 'the-same', ...ASYNC };
  const send = (headers: Record<string, string>, image?: Uint8Array) =>
    post(gateway, '/v1/classifications', imageForm(image), { ...key, ...headers });
  const ours = await send(shop.headers);
  const theirs = await send(press.headers, IMAGES['image/png']);
  expect([ours.status, theirs.status]).toEqual([202, 202]);
  const read = async (response: Response, headers: Record<string, string>) =>
    (await gateway.app.request(response.headers.get('location') ?? '', { headers })).status;
  expect(await read(ours, shop.headers)).toBe(200);
  expect(await read(ours, press.headers)).toBe(404);
  expect(await read(theirs, shop.headers)).toBe(404);
  const { request } = await gateway.completeNext(({ requestId, caller = '' }) =>
    succeeded({ id: requestId, caller }),
  );
  expect(request.caller).toBe('shop');
  expect(await read(ours, shop.headers)).toBe(200);
  expect(await read(ours, press.headers)).toBe(404);
});

test('a caller over its limit gets 429 before its image is read, and its refused images do not count', async () => {
  const { key, headers } = testKey({ imagesPerMinute: 2, imagesPerDay: 100 });
  await using gateway = await fakeGateway({ keys: [key] });
  const send = (body: Uint8Array) =>
    post(
      gateway,
      '/v1/classifications',
      { contentType: 'image/jpeg', body },
      { ...headers, ...ASYNC },
    );
  expect((await send(Buffer.from('no image'))).status).toBe(415);
  for (const left of [1, 0]) {
    const accepted = await send(IMAGES['image/jpeg']);
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('ratelimit')).toMatch(`"minute";r=${left};t=`);
  }
  const refused = await send(IMAGES['image/jpeg']);
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ type: 'urn:labelfleet:problem:rate-limited' });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(25);
  expect(refused.headers.get('ratelimit-policy')).toBe('"minute";q=2;w=60, "day";q=100;w=86400');
  expect(refused.headers.get('ratelimit')).toMatch(/"day";r=98;/);
});

test('a repeat with an idempotency key does not count, and is let in over the limit', async () => {
  const { key, headers } = testKey({ imagesPerDay: 2 });
  await using gateway = await fakeGateway({ keys: [key] });
  const send = async (idempotencyKey: string) => {
    const sent = { ...headers, 'idempotency-key': idempotencyKey, prefer: 'wait=0' };
    return (await post(gateway, '/', imageForm(), sent)).status;
  };
  expect([await send('a'), await send('a'), await send('b')]).toEqual([202, 202, 202]);
  expect([await send('a'), await send('c')]).toEqual([202, 429]);
  expect(gateway.requests()).toHaveLength(2);
});

test('a batch is let in whole, and its images count when they are accepted', async () => {
  const { key, headers } = testKey({ imagesPerMinute: 2, imagesPerDay: 10 });
  await using gateway = await fakeGateway({ keys: [key] });
  const send = (idempotencyKey: string) => {
    const form = new FormData();
    const image = new Blob([new Uint8Array(IMAGES['image/jpeg'])], { type: 'image/jpeg' });
    for (const name of ['a', 'b', 'c']) form.append(name, image, `${name}.jpg`);
    form.append('d', new Blob(['no image']), 'd.txt');
    return gateway.app.request('/v1/batches', {
      method: 'POST',
      body: form,
      headers: { ...headers, ...ASYNC, 'idempotency-key': idempotencyKey },
    });
  };
  const first = await send('one');
  expect(first.status).toBe(202);
  expect(first.headers.get('ratelimit')).toMatch(/"minute";r=0;t=\d+, "day";r=7;/);
  expect((await send('one')).status).toBe(202);
  const second = await send('two');
  expect(second.status).toBe(429);
  // 3 of 2 are used, so the next is free when 2 more have come: one in 30 s.
  expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(50);
});

test('results count against the budget of their caller', async () => {
  const { key, headers } = testKey({ dailyBudgetUsd: 0.01 });
  await using gateway = await fakeGateway({ keys: [key] });
  const cost = { currency: 'USD', total: 0.006, instance: 0, queue: 0, store: 0 } as const;
  for (let image = 0; image < 2; image++) {
    const [answer] = await Promise.all([
      post(gateway, '/', imageForm(), headers),
      gateway.completeNext(({ requestId, caller = '' }) =>
        succeeded({ id: requestId, caller, cost }),
      ),
    ]);
    expect(answer.status).toBe(200);
  }
  const refused = await post(gateway, '/', imageForm(), headers);
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ type: 'urn:labelfleet:problem:budget-exceeded' });
});

test('a faulty key file is a warning, and the gateway stays ready', async () => {
  await using gateway = await fakeGateway({ ...KEYS, keysWarning: 'API_KEYS_FILE cannot be used' });
  const response = await gateway.app.request('/readyz');
  expect(await response.json()).toEqual({
    status: 'ready',
    warnings: ['API_KEYS_FILE cannot be used'],
  });
});

test('an anonymous gateway refuses a foreign page, and answers one that may call it', async () => {
  await using gateway = await fakeGateway({ origins: ['https://friend.example'] });
  const from = (origin: string) =>
    post(gateway, '/v1/classifications', imageForm(), { origin, host: 'localhost', ...ASYNC });
  const evil = await from('https://evil.example');
  expect([evil.status, evil.headers.get('access-control-allow-origin')]).toEqual([403, null]);
  const friend = await from('https://friend.example');
  expect(friend.status).toBe(202);
  expect(friend.headers.get('access-control-allow-origin')).toBe('https://friend.example');
  expect(friend.headers.get('access-control-expose-headers')).toContain('location');
  expect(friend.headers.get('access-control-allow-credentials')).toBeNull();
});

test('a preflight says what a page may send', async () => {
  await using gateway = await fakeGateway({ ...KEYS, origins: ['https://friend.example'] });
  const ask = (origin: string) =>
    gateway.app.request('/v1/classifications', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
  const friend = await ask('https://friend.example');
  expect([friend.status, friend.headers.get('allow')]).toEqual([204, 'POST']);
  expect(friend.headers.get('access-control-allow-methods')).toBe('POST');
  expect(friend.headers.get('access-control-allow-headers')).toContain('authorization');
  expect(friend.headers.get('vary')).toBe('origin');
  expect(
    (await ask('https://evil.example')).headers.get('access-control-allow-methods'),
  ).toBeNull();
});

test('links keep the prefix of a proxy', async () => {
  const parsed = parseNetworks('10.0.0.0/8');
  const trusted = 'value' in parsed ? parsed.value : undefined;
  await using gateway = await fakeGateway({ proxies: { trusted, publicUrl: undefined } });
  const { contentType, body } = imageForm();
  const request = new Request('http://localhost/v1/classifications', {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { 'content-type': contentType, 'x-forwarded-prefix': '/labels', ...ASYNC },
  });
  const response = await gateway.app.fetch(request, { peer: '10.0.0.1', access: {} });
  const location = response.headers.get('location') ?? '';
  expect(location).toMatch(/^\/labels\/v1\/classifications\//);
  expect(await response.json()).toMatchObject({ links: { self: location } });
  const batch = new Request('http://localhost/v1/batches', {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { 'content-type': contentType, 'x-forwarded-prefix': '/labels', ...ASYNC },
  });
  const gathered = await gateway.app.fetch(batch, { peer: '10.0.0.1', access: {} });
  const self = gathered.headers.get('location') ?? '';
  expect(self).toMatch(/^\/labels\/v1\/batches\//);
  expect(await gathered.json()).toMatchObject({ links: { self, events: `${self}/events` } });
});

test('every response tells browsers to be strict', async () => {
  await using gateway = await fakeGateway();
  for (const path of ['/', '/v1/fleet', '/nowhere', '/healthz']) {
    const { headers } = await gateway.app.request(path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  }
});
