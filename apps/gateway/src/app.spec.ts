import { AwsCallError } from '@labelfleet/aws/errors';
import {
  encodeFleetSnapshot,
  encodeStoredResult,
  FLEET_SNAPSHOT_KEY,
  imageKey,
  makeRequestId,
  PROBLEMS,
  requestIdSchema,
  resultKey,
  type FleetSnapshot,
} from '@labelfleet/contracts';
import { describe, expect, test, vi } from 'vitest';
import { fakeGateway, type FakeGateway } from './testing/gateway.ts';
import { failed, someRequestId, succeeded } from './testing/results.ts';
import { form, JPEG, photo } from './testing/uploads.ts';

type Headers = Record<string, string>;

const post = (
  gateway: FakeGateway,
  path: string,
  { contentType, body }: { contentType: string; body: Uint8Array } = photo(),
  headers: Headers = {},
  signal?: AbortSignal,
) =>
  gateway.app.request(path, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { 'content-type': contentType, 'content-length': String(body.length), ...headers },
    ...(signal && { signal }),
  });

const AS_JSON = { accept: 'application/json' };

describe('POST /', () => {
  test('answers with the label and nothing else', async () => {
    await using gateway = await fakeGateway();
    const [response] = await Promise.all([
      post(gateway, '/'),
      gateway.answerNext(({ requestId }) => succeeded({ id: requestId })),
    ]);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toBe('shower curtain');
  });

  test('answers with the classification where JSON is asked for', async () => {
    await using gateway = await fakeGateway();
    const [response, { request }] = await Promise.all([
      post(gateway, '/', photo(), AS_JSON),
      gateway.answerNext(({ requestId }) => succeeded({ id: requestId })),
    ]);
    const { v: _stored, ...result } = succeeded({ id: request.requestId });
    expect(await response.json()).toEqual({
      ...result,
      links: { self: `/v1/classifications/${request.requestId}` },
    });
  });

  test('takes a raw image body', async () => {
    await using gateway = await fakeGateway();
    const [response] = await Promise.all([
      post(gateway, '/', { contentType: 'image/jpeg', body: JPEG }),
      gateway.answerNext(({ requestId }) => succeeded({ id: requestId })),
    ]);
    expect(await response.text()).toBe('shower curtain');
  });
});

describe('on its way in', () => {
  test('an image is stored byte for byte, and its request names it, the caller, and the reply queue', async () => {
    await using gateway = await fakeGateway();
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const [response, { request, attributes }] = await Promise.all([
      post(gateway, '/v1/classifications?topK=3', photo(JPEG, 'Zürich 猫.jpg'), {
        traceparent: `00-${trace}-00f067aa0ba902b7-01`,
      }),
      gateway.answerNext(({ requestId }) => succeeded({ id: requestId })),
    ]);
    const requestId = response.headers.get('x-request-id');
    expect(requestIdSchema.safeParse(requestId).success).toBe(true);
    expect(request).toEqual({
      v: 1,
      requestId,
      imageKey: imageKey(requestId ?? '', 'Zürich 猫.jpg'),
      fileName: 'Zürich 猫.jpg',
      topK: 3,
      replyTo: gateway.replyTo,
      submittedAt: expect.any(String) as string,
    });
    expect(attributes.traceparent).toMatch(new RegExp(`^00-${trace}-(?!00f067aa0ba902b7)`));
    const stored = await gateway.input.get(request.imageKey);
    expect(Buffer.from(stored?.body ?? '')).toEqual(JPEG);
    expect(stored).toMatchObject({
      contentType: 'image/jpeg',
      metadata: { 'file-name': 'Z%C3%BCrich%20%E7%8C%AB.jpg' },
    });
  });

  test('it is one put and one send, and nothing else before the answer', async () => {
    const calls: string[] = [];
    await using gateway = await fakeGateway({
      intercept: (operation) => void calls.push(operation),
    });
    await post(gateway, '/', photo(), { prefer: 'respond-async' });
    expect(calls.filter((call) => call !== 'ReceiveMessage' && call !== 'GetObject')).toEqual([
      'PutObject',
      'SendMessageBatch',
    ]);
  });

  test('its bytes are counted until it is queued, and not while its caller waits', async () => {
    let bytesWhileSent = 0;
    const inUse = { bytes: () => 0 };
    await using gateway = await fakeGateway({
      intercept: (operation) => {
        if (operation === 'SendMessageBatch') bytesWhileSent ||= inUse.bytes();
      },
    });
    inUse.bytes = () => gateway.budget.bytesInUse;
    const answer = post(gateway, '/');
    await vi.waitFor(() => expect(gateway.requests()).toHaveLength(1));
    expect(bytesWhileSent).toBe(photo().body.length);
    expect([gateway.budget.bytesInUse, gateway.pending.size]).toEqual([0, 1]);
    await gateway.answerNext(({ requestId }) => succeeded({ id: requestId }));
    await answer;
    expect(gateway.pending.size).toBe(0);
  });

  test.each([['PutObject'], ['SendMessageBatch']])(
    'a failure of %s is told, leaves no waiter and no bytes, and the next image is answered',
    async (failing) => {
      let down = true;
      await using gateway = await fakeGateway({
        intercept: (operation) => {
          if (down && operation === failing)
            throw new AwsCallError(operation, { code: 'ECONNREFUSED', message: 'no' });
        },
      });
      const response = await post(gateway, '/');
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('5');
      expect(await response.json()).toMatchObject({
        type: 'urn:labelfleet:problem:overloaded',
        requestId: response.headers.get('x-request-id'),
      });
      expect([gateway.budget.bytesInUse, gateway.pending.size]).toEqual([0, 0]);
      down = false;
      const [next] = await Promise.all([
        post(gateway, '/'),
        gateway.answerNext(({ requestId }) => succeeded({ id: requestId })),
      ]);
      expect(next.status).toBe(200);
    },
  );
});

describe('a bad upload gets its problem document', () => {
  const text = photo('hello\n');
  const svg = {
    contentType: 'image/svg+xml',
    body: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
  };
  const two = form(
    { field: 'a', fileName: 'a', bytes: JPEG },
    { field: 'b', fileName: 'b', bytes: JPEG },
  );
  test.each([
    ['a text file', text, 'unsupported-media-type'],
    ['an SVG', svg, 'unsupported-media-type'],
    ['an empty file', photo(''), 'missing-image'],
    ['no file', form({ field: 'a', bytes: 'b' }), 'missing-image'],
    ['no body', { contentType: 'image/jpeg', body: Buffer.from('') }, 'missing-image'],
    ['a malformed form', { ...photo(), body: photo().body.subarray(0, 200) }, 'missing-image'],
    ['two files', two, 'invalid-parameter'],
    ['50 MB', photo(Buffer.alloc(50_000_000)), 'payload-too-large'],
  ] as const)('%s', async (_case, upload, code) => {
    await using gateway = await fakeGateway();
    for (const path of ['/', '/v1/classifications']) {
      const response = await post(gateway, path, upload);
      expect(response.status).toBe(PROBLEMS[code].status);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(await response.json()).toEqual({
        type: `urn:labelfleet:problem:${code}`,
        title: PROBLEMS[code].title,
        status: PROBLEMS[code].status,
        detail: expect.any(String) as string,
        requestId: response.headers.get('x-request-id'),
      });
    }
    expect(gateway.requests()).toEqual([]);
    expect(gateway.budget.bytesInUse).toBe(0);
    expect(await gateway.metric(`labelfleet_uploads_total{outcome="${code}"} 2`)).toBe(true);
  });

  test('as does one for which there is no room', async () => {
    await using gateway = await fakeGateway({ budgetBytes: 100 });
    const response = await post(gateway, '/');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
  });

  test.each(['0', '11', 'x', '1.5', ''])('and a topK of %j', async (topK) => {
    await using gateway = await fakeGateway();
    const response = await post(gateway, `/v1/classifications?topK=${topK}`);
    expect(await response.json()).toMatchObject({
      type: 'urn:labelfleet:problem:invalid-parameter',
    });
  });
});

describe('a wait', () => {
  test.each([
    ['respond-async', 'respond-async'],
    ['wait=0', 'wait=0'],
    ['respond-async, wait=0', 'respond-async, wait=0'],
  ])(
    'that is over under Prefer: %s is answered with where the result will be',
    async (prefer, applied) => {
      await using gateway = await fakeGateway();
      const response = await post(gateway, '/', photo(), { prefer });
      const id = response.headers.get('x-request-id');
      expect(response.status).toBe(202);
      expect(response.headers.get('location')).toBe(`/v1/classifications/${id}`);
      expect(response.headers.get('retry-after')).toBe('5');
      expect(response.headers.get('preference-applied')).toBe(applied);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(await response.json()).toMatchObject({ id, status: 'queued', fileName: 'photo.jpg' });
    },
  );

  test("says when to come back by the fleet's own estimate", async () => {
    await using gateway = await fakeGateway();
    await publish(gateway, { estimatedWaitSeconds: 41.2 });
    const response = await post(gateway, '/', photo(), { prefer: 'respond-async' });
    expect(response.headers.get('retry-after')).toBe('42');
  });

  test('ends for a client that has gone', async () => {
    await using gateway = await fakeGateway();
    const client = new AbortController();
    const answer = post(gateway, '/', photo(), {}, client.signal);
    await vi.waitFor(() => expect(gateway.requests()).toHaveLength(1));
    client.abort();
    await answer;
    expect(gateway.pending.size).toBe(0);
    expect(await gateway.metric('labelfleet_wait_seconds_count{ended="disconnected"} 1')).toBe(
      true,
    );
  });

  test('for an image that fails is answered with the problem itself', async () => {
    await using gateway = await fakeGateway();
    const [response] = await Promise.all([
      post(gateway, '/'),
      gateway.answerNext(({ requestId }) => failed(requestId, 'invalid-image')),
    ]);
    const id = response.headers.get('x-request-id') ?? '';
    expect(response.status).toBe(422);
    expect(await response.json()).toEqual(failed(id, 'invalid-image').problem);
  });
});

describe('GET /v1/classifications/{id}', () => {
  const put = (gateway: FakeGateway, result: ReturnType<typeof succeeded | typeof failed>) =>
    gateway.output.put(resultKey(result.id), encodeStoredResult(result), {
      contentType: 'application/json',
    });

  test('tells a result, and to one who has it already only that it still stands', async () => {
    await using gateway = await fakeGateway();
    const result = succeeded();
    await put(gateway, result);
    const response = await gateway.app.request(`/v1/classifications/${result.id}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({ id: result.id, label: 'shower curtain' });
    const etag = response.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]+"$/);
    const again = await gateway.app.request(`/v1/classifications/${result.id}`, {
      headers: { 'if-none-match': etag },
    });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  test('tells a failure as a resource that is there', async () => {
    await using gateway = await fakeGateway();
    const result = failed(someRequestId(), 'attempts-exhausted');
    await put(gateway, result);
    const response = await gateway.app.request(`/v1/classifications/${result.id}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'failed',
      problem: { status: 500, requestId: result.id },
    });
  });

  test('tells of a queued one what was sent, and when', async () => {
    await using gateway = await fakeGateway();
    const sent = await post(gateway, '/', photo(JPEG, 'Zürich.jpg'), { prefer: 'respond-async' });
    const location = sent.headers.get('location') ?? '';
    const response = await gateway.app.request(location);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('retry-after')).toBe('5');
    const queued = (await response.json()) as { submittedAt: string };
    expect(queued).toEqual({
      id: sent.headers.get('x-request-id'),
      status: 'queued',
      fileName: 'Zürich.jpg',
      submittedAt: gateway.requests()[0]?.submittedAt,
      links: { self: location },
    });
  });

  test('waits, where that is preferred, for a reply that comes here', async () => {
    await using gateway = await fakeGateway();
    const sent = await post(gateway, '/', photo(), { prefer: 'respond-async' });
    const answer = gateway.app.request(sent.headers.get('location') ?? '', {
      headers: { prefer: 'wait=20' },
    });
    await vi.waitFor(() => expect(gateway.pending.size).toBe(1));
    await gateway.answerNext(({ requestId }) => succeeded({ id: requestId }));
    const response = await answer;
    expect(response.headers.get('preference-applied')).toBe('wait=20');
    expect(await response.json()).toMatchObject({ status: 'succeeded' });
  });

  test('looks once more when its wait is over, for a reply that went to another gateway', async () => {
    await using gateway = await fakeGateway();
    const sent = await post(gateway, '/', photo(), { prefer: 'respond-async' });
    const id = sent.headers.get('x-request-id') ?? '';
    const answer = gateway.app.request(`/v1/classifications/${id}`, {
      headers: { prefer: 'wait=1' },
    });
    await vi.waitFor(() => expect(gateway.pending.size).toBe(1));
    await put(gateway, succeeded({ id }));
    expect(await (await answer).json()).toMatchObject({ status: 'succeeded' });
  });

  test.each([someRequestId(), 'x', '../etc', '00000000-0000-4000-8000-000000000000'])(
    'does not know %s',
    async (id) => {
      await using gateway = await fakeGateway();
      const response = await gateway.app.request(`/v1/classifications/${encodeURIComponent(id)}`, {
        headers: { prefer: 'wait=5' },
      });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ type: 'urn:labelfleet:problem:not-found' });
    },
  );

  test('calls a stored result that cannot be read a fault of its own', async () => {
    await using gateway = await fakeGateway();
    const id = makeRequestId(0, new Uint8Array(10));
    await gateway.output.put(resultKey(id), '{"v":2}', { contentType: 'application/json' });
    const response = await gateway.app.request(`/v1/classifications/${id}`);
    expect(await response.json()).toMatchObject({ status: 500 });
  });
});

const publish = (gateway: FakeGateway, overrides: Partial<FleetSnapshot> = {}) =>
  gateway.state.put(FLEET_SNAPSHOT_KEY, encodeFleetSnapshot({ ...SNAPSHOT, ...overrides }), {
    contentType: 'application/json',
  });

const SNAPSHOT: FleetSnapshot = {
  v: 1,
  at: '2025-01-01T00:00:00Z',
  policy: 'backlog-per-worker',
  workers: { booting: 1, idle: 0, busy: 2, draining: 0 },
  limits: { min: 0, max: 20 },
  queue: { waiting: 22, inFlight: 6, delayed: 0 },
  decision: {
    at: '2025-01-01T00:00:00Z',
    desired: 6,
    launched: 1,
    released: 0,
    because: '22 wait',
  },
  estimatedWaitSeconds: 4,
  learned: { serviceSeconds: 0.21, bootSecondsP50: null, bootSecondsP95: null },
  instances: [],
  history: [],
};

describe('GET /v1/fleet', () => {
  test('tells what the scaler last published', async () => {
    await using gateway = await fakeGateway();
    await publish(gateway);
    const { v: _stored, ...view } = SNAPSHOT;
    expect(await (await gateway.app.request('/v1/fleet')).json()).toEqual(view);
  });

  test('knows of none before that', async () => {
    await using gateway = await fakeGateway();
    expect((await gateway.app.request('/v1/fleet')).status).toBe(404);
  });

  test('reads the store once for many who ask at the same time', async () => {
    let reads = 0;
    await using gateway = await fakeGateway({
      intercept: (operation) => {
        if (operation === 'GetObject') reads += 1;
      },
    });
    await publish(gateway);
    await Promise.all(Array.from({ length: 5 }, () => gateway.app.request('/v1/fleet')));
    expect(reads).toBe(1);
  });
});

describe('the gateway tells of itself', () => {
  test('that it is alive, and ready', async () => {
    await using gateway = await fakeGateway();
    expect((await gateway.app.request('/healthz')).status).toBe(200);
    expect((await gateway.app.request('/readyz')).status).toBe(200);
  });

  test('why it is not ready', async () => {
    await using gateway = await fakeGateway({
      intercept: (operation) => {
        if (operation === 'HeadBucket') throw new Error('unreachable');
      },
    });
    const response = await gateway.app.request('/readyz');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      detail: 'Not ready: the input bucket cannot be reached.',
    });
  });

  test('its metrics', async () => {
    await using gateway = await fakeGateway();
    const response = await gateway.app.request('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('labelfleet_upload_bytes_in_flight 0');
  });
});

describe('the page', () => {
  test.each([
    ['/', 'text/html'],
    ['/page.css', 'text/css'],
    ['/page.js', 'text/javascript'],
  ])('has %s', async (path, type) => {
    await using gateway = await fakeGateway();
    const response = await gateway.app.request(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain(type);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await response.text()).not.toMatch(/(src|href|url|import)\s*[=(]?\s*["']?https?:/);
  });
});

describe('every answer', () => {
  test.each([
    ['GET', '/nowhere', 404, null],
    ['PUT', '/', 405, 'GET, HEAD, POST'],
    ['GET', '/v1/classifications', 405, 'POST'],
    ['DELETE', `/v1/classifications/${someRequestId()}`, 405, 'GET, HEAD'],
    ['HEAD', '/healthz', 200, null],
    ['HEAD', '/', 200, null],
  ])('to %s %s carries its request id: %d', async (method, path, status, allow) => {
    await using gateway = await fakeGateway();
    const response = await gateway.app.request(path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get('allow')).toBe(allow);
    const requestId = response.headers.get('x-request-id');
    expect(requestIdSchema.safeParse(requestId).success).toBe(true);
    const body = await response.text();
    if (status >= 400) expect(JSON.parse(body)).toMatchObject({ status, requestId });
    else expect(body).toBe('');
  });

  test.each([
    ['/', 'image/png'],
    ['/v1/classifications', 'text/plain'],
  ])('to a POST to %s that wants %s is 406', async (path, accept) => {
    await using gateway = await fakeGateway();
    expect((await post(gateway, path, photo(), { accept })).status).toBe(406);
  });
});
