import { AwsCallError } from '@labelfleet/aws/errors';
import {
  decodeImageMetadata,
  encodeRequestMessage,
  imageKey,
  MAX_INLINE_IMAGE_BYTES,
  PROBLEMS,
  requestIdSchema,
} from '@labelfleet/contracts';
import { describe, expect, test, vi } from 'vitest';
import { publishFleet, SNAPSHOT } from '../testing/fleet.ts';
import { fakeGateway, post, type FakeGateway } from '../testing/gateway.ts';
import { failed, succeeded } from '../testing/results.ts';
import { form, JPEG, imageForm, IMAGES } from '../testing/uploads.ts';

const AS_JSON = { accept: 'application/json' };

describe('POST /', () => {
  test('returns the label alone', async () => {
    await using gateway = await fakeGateway();
    const [response] = await Promise.all([
      post(gateway, '/'),
      gateway.completeNext(({ requestId }) => succeeded({ id: requestId })),
    ]);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toBe('shower curtain');
  });

  test('returns the classification if JSON is accepted', async () => {
    await using gateway = await fakeGateway();
    const [response, { request }] = await Promise.all([
      post(gateway, '/', imageForm(), AS_JSON),
      gateway.completeNext(({ requestId }) => succeeded({ id: requestId })),
    ]);
    expect(await response.json()).toEqual({
      ...succeeded({ id: request.requestId }),
      v: undefined,
      links: { self: `/v1/classifications/${request.requestId}` },
    });
  });

  test('accepts a raw image body', async () => {
    await using gateway = await fakeGateway();
    const [response] = await Promise.all([
      post(gateway, '/', { contentType: 'image/jpeg', body: JPEG }),
      gateway.completeNext(({ requestId }) => succeeded({ id: requestId })),
    ]);
    expect(await response.text()).toBe('shower curtain');
  });
});

describe('an accepted image', () => {
  test("is stored byte for byte, and its request has its key, the caller's options and the reply queue", async () => {
    await using gateway = await fakeGateway();
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const [response, { request, attributes }] = await Promise.all([
      post(gateway, '/v1/classifications?topK=3', imageForm(JPEG, 'Zürich 猫.jpg'), {
        traceparent: `00-${trace}-00f067aa0ba902b7-01`,
      }),
      gateway.completeNext(({ requestId }) => succeeded({ id: requestId })),
    ]);
    const requestId = response.headers.get('x-request-id');
    expect(requestIdSchema.safeParse(requestId).success).toBe(true);
    expect(request).toEqual({
      v: 1,
      requestId,
      imageKey: imageKey(requestId ?? '', 'Zürich 猫.jpg'),
      image: JPEG.toString('base64'),
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

  test.each([
    ['is carried by its message if SQS bills the message as one', MAX_INLINE_IMAGE_BYTES, true],
    ['is not carried by its message if it is larger', MAX_INLINE_IMAGE_BYTES + 1, false],
  ])('%s', async (_, size, isCarried) => {
    await using gateway = await fakeGateway({ maxImageBytes: 100_000 });
    const image = Buffer.concat([JPEG, Buffer.alloc(size - JPEG.length)]);
    const [, { request }] = await Promise.all([
      post(gateway, '/', imageForm(image, '猫'.repeat(255))),
      gateway.completeNext(({ requestId }) => succeeded({ id: requestId })),
    ]);
    expect(request.image).toBe(isCarried ? image.toString('base64') : undefined);
    expect(Buffer.byteLength(encodeRequestMessage(request))).toBeLessThan(64 * 1024);
  });

  test('costs one put and one send before the response', async () => {
    const calls: string[] = [];
    await using gateway = await fakeGateway({
      beforeCall: (operation) => void calls.push(operation),
    });
    await post(gateway, '/', imageForm(), { prefer: 'respond-async' });
    // The listener polls too, and Retry-After needs the fleet snapshot.
    expect(calls.filter((call) => call !== 'ReceiveMessage' && call !== 'GetObject')).toEqual([
      'PutObject',
      'SendMessageBatch',
    ]);
  });

  test('has a waiter before its request is sent, and its bytes count until then', async () => {
    const atSend = { waiters: 0, bytes: 0 };
    let observe = () => {};
    await using gateway = await fakeGateway({
      beforeCall: (operation, queue) => {
        if (operation === 'SendMessageBatch' && queue.endsWith('/requests')) observe();
      },
    });
    observe = () => {
      atSend.waiters = gateway.pending.size;
      atSend.bytes = gateway.budget.bytesInUse;
    };
    const answer = post(gateway, '/');
    await vi.waitFor(() => expect(gateway.requests()).toHaveLength(1));
    expect(atSend).toEqual({ waiters: 1, bytes: imageForm().body.length });
    expect([gateway.budget.bytesInUse, gateway.pending.size]).toEqual([0, 1]);
    await gateway.completeNext(({ requestId }) => succeeded({ id: requestId }));
    await answer;
    expect(gateway.pending.size).toBe(0);
  });

  test.each([['PutObject'], ['SendMessageBatch']])(
    'leaves no waiter and no bytes behind if %s fails, and the next image gets its result',
    async (failing) => {
      let down = true;
      await using gateway = await fakeGateway({
        beforeCall: (operation) => {
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
      expect((await gateway.app.request('/readyz')).status).toBe(503);
      down = false;
      const isReady = async () => (await gateway.app.request('/readyz')).status;
      await expect.poll(isReady, { timeout: 4_000 }).toBe(200);
      const [next] = await Promise.all([
        post(gateway, '/'),
        gateway.completeNext(({ requestId }) => succeeded({ id: requestId })),
      ]);
      expect(next.status).toBe(200);
    },
  );
});

describe('a problem document is returned for', () => {
  const text = imageForm('hello\n');
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
    ['an empty file', imageForm(''), 'missing-image'],
    ['no file', form({ field: 'a', bytes: 'b' }), 'missing-image'],
    ['no body', { contentType: 'image/jpeg', body: Buffer.from('') }, 'missing-image'],
    [
      'a malformed form',
      { ...imageForm(), body: imageForm().body.subarray(0, 200) },
      'missing-image',
    ],
    ['two files', two, 'invalid-parameter'],
    ['50 MB', imageForm(Buffer.alloc(50_000_000)), 'payload-too-large'],
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

  test('an upload for which there is no room', async () => {
    await using gateway = await fakeGateway({ budgetBytes: 100 });
    const response = await post(gateway, '/');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
  });

  test.each(['0', '11', 'x', '1.5', ''])('a topK of %j', async (topK) => {
    await using gateway = await fakeGateway();
    const response = await post(gateway, `/v1/classifications?topK=${topK}`);
    expect(await response.json()).toMatchObject({
      type: 'urn:labelfleet:problem:invalid-parameter',
    });
  });
});

describe('Notify', () => {
  const async = { prefer: 'respond-async' };

  test('puts the name of a receiver into the request and its image', async () => {
    await using gateway = await fakeGateway({ receivers: ['archive'] });
    await post(gateway, '/', imageForm(), { ...async, notify: 'archive' });
    const [request] = gateway.requests();
    expect(request?.notify).toBe('archive');
    const image = await gateway.input.head(request?.imageKey ?? '');
    expect(decodeImageMetadata(image?.metadata ?? {}).notify).toBe('archive');
  });

  test.each<[string, string[] | undefined, RegExp]>([
    ['a name that no receiver has', ['archive'], /must be the name of a webhook receiver/],
    [
      'a gateway without receivers',
      undefined,
      /sends no webhooks, because WEBHOOKS_FILE is not set/,
    ],
  ])('is refused for %s', async (_, receivers, detail) => {
    await using gateway = await fakeGateway({ ...(receivers && { receivers }) });
    const response = await post(gateway, '/', imageForm(), { ...async, notify: 'elsewhere' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      type: 'urn:labelfleet:problem:invalid-parameter',
      detail: expect.stringMatching(detail) as string,
    });
    expect(gateway.requests()).toEqual([]);
  });
});

describe('a demanded precision', () => {
  test.each([
    { query: '?minPrecision=0.9', byOperator: undefined, demanded: 0.9 },
    { query: '?minPrecision=0.6', byOperator: 0.8, demanded: 0.6 },
    { query: '', byOperator: 0.8, demanded: 0.8 },
    { query: '', byOperator: undefined, demanded: undefined },
  ])('of "$query" and MIN_PRECISION $byOperator is $demanded', async (row) => {
    const { query, byOperator, demanded } = row;
    await using gateway = await fakeGateway(byOperator ? { minPrecision: byOperator } : {});
    await post(gateway, `/v1/classifications${query}`, imageForm(), { prefer: 'respond-async' });
    expect(gateway.requests()[0]?.minPrecision).toBe(demanded);
  });

  test.each(['0.4', '1', '90', 'high', ''])('of %j is refused', async (demanded) => {
    await using gateway = await fakeGateway();
    const response = await post(gateway, `/?minPrecision=${demanded}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      type: 'urn:labelfleet:problem:invalid-parameter',
      detail: 'minPrecision must be a number from 0.5 to 0.99.',
    });
  });

  test('that the model does not reach makes POST / return "unknown"', async () => {
    await using gateway = await fakeGateway();
    const [response] = await Promise.all([
      post(gateway, '/?minPrecision=0.9'),
      gateway.completeNext(({ requestId }) => ({
        ...succeeded({ id: requestId }),
        ...{ label: null, unknown: true as const },
      })),
    ]);
    expect([response.status, await response.text()]).toEqual([200, 'unknown']);
  });
});

describe('a wait', () => {
  test.each([
    ['respond-async', 'respond-async'],
    ['wait=0', 'wait=0'],
    ['respond-async, wait=0', 'respond-async, wait=0'],
  ])('under Prefer: %s ends with a link to the result', async (prefer, applied) => {
    await using gateway = await fakeGateway();
    const response = await post(gateway, '/', imageForm(), { prefer });
    const id = response.headers.get('x-request-id');
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe(`/v1/classifications/${id}`);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(response.headers.get('preference-applied')).toBe(applied);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toMatchObject({ id, status: 'queued', fileName: 'photo.jpg' });
  });

  test('ends with an estimate from the fleet, and a Retry-After in its middle', async () => {
    await using gateway = await fakeGateway();
    const at = new Date().toISOString();
    const learned = { ...SNAPSHOT.learned, serviceSeconds: 2 };
    const queue = { backlog: 20, inFlight: 0, delayed: 0 };
    const workers = { ...SNAPSHOT.workers, booting: 0 };
    await publishFleet(gateway, {
      at,
      workers,
      learned,
      queue,
      decision: { ...SNAPSHOT.decision, desired: 2 },
    });
    const response = await post(gateway, '/', imageForm(), { prefer: 'respond-async' });
    // Two workers, 20 images of 2 s: 20 * 1.6 / 2 + 1.6 and 20 * 3 / 2 + 3
    const estimate = {
      aheadApproximately: 20,
      estimatedWait: {
        lowSeconds: 17,
        highSeconds: 33,
        basis: '2 workers are up, each taking 2 s an image; about 20 images are ahead.',
      },
    };
    expect(await response.json()).toMatchObject(estimate);
    expect(response.headers.get('retry-after')).toBe('25');
    const queued = await gateway.app.request(response.headers.get('location') ?? '');
    expect(await queued.json()).toMatchObject(estimate);
    expect(queued.headers.get('retry-after')).toBe('25');
  });

  test('ignores a stale estimate', async () => {
    await using gateway = await fakeGateway();
    const at = new Date(Date.now() - 36_000).toISOString();
    await publishFleet(gateway, { at, estimatedWaitSeconds: 41.2 });
    const headers = { prefer: 'respond-async', 'x-deadline-seconds': '20' };
    const response = await post(gateway, '/', imageForm(), headers);
    expect([response.status, response.headers.get('retry-after')]).toEqual([202, '5']);
    expect(await response.json()).not.toHaveProperty('estimatedWait');
  });

  test('ends when the client disconnects', async () => {
    await using gateway = await fakeGateway();
    const client = new AbortController();
    const answer = post(gateway, '/', imageForm(), {}, client.signal);
    await vi.waitFor(() => expect(gateway.requests()).toHaveLength(1));
    client.abort();
    await answer;
    expect(gateway.pending.size).toBe(0);
    expect(await gateway.metric('labelfleet_wait_seconds_count{ended="disconnected"} 1')).toBe(
      true,
    );
  });

  test('for an image that fails returns the problem of the result', async () => {
    await using gateway = await fakeGateway();
    const [response] = await Promise.all([
      post(gateway, '/'),
      gateway.completeNext(({ requestId }) => failed(requestId, 'invalid-image')),
    ]);
    const id = response.headers.get('x-request-id') ?? '';
    expect(response.status).toBe(422);
    expect(await response.json()).toEqual(failed(id, 'invalid-image').problem);
  });
});

describe('with an Idempotency-Key', () => {
  const withKey = async (gateway: FakeGateway, image: Uint8Array | string = JPEG) =>
    post(gateway, '/', imageForm(image), { 'idempotency-key': 'k-1' });
  const counted = (gateway: FakeGateway, what: string, times: number) =>
    gateway.metric(`labelfleet_idempotency_keys_total{outcome="${what}"} ${times}`);

  test('a replay gets the first response and request id, and sends nothing', async () => {
    await using gateway = await fakeGateway();
    const [first] = await Promise.all([
      withKey(gateway),
      gateway.completeNext(({ requestId }) => succeeded({ id: requestId })),
    ]);
    const replay = await withKey(gateway);
    expect([replay.status, await replay.text()]).toEqual([200, await first.text()]);
    expect(replay.headers.get('x-request-id')).toBe(first.headers.get('x-request-id'));
    expect(replay.headers.get('idempotency-replayed')).toBe('true');
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(gateway.requests()).toEqual([]);
    expect(await counted(gateway, 'new', 1)).toBe(true);
    expect(await counted(gateway, 'completed', 1)).toBe(true);
    expect(await gateway.metric('labelfleet_uploads_total{outcome="replayed"} 1')).toBe(true);
  });

  test('a replay of a failed request gets the same problem', async () => {
    await using gateway = await fakeGateway();
    const [first] = await Promise.all([
      withKey(gateway),
      gateway.completeNext(({ requestId }) => failed(requestId, 'invalid-image')),
    ]);
    const replay = await withKey(gateway);
    expect(replay.status).toBe(422);
    expect(await replay.json()).toEqual(await first.json());
  });

  test('six concurrent requests make one message, and all but the first are marked as replayed', async () => {
    await using gateway = await fakeGateway();
    const answers = Array.from({ length: 6 }, () => withKey(gateway));
    await vi.waitFor(() => expect(gateway.pending.size).toBe(6));
    expect(gateway.requests()).toHaveLength(1);
    await gateway.completeNext(({ requestId }) => succeeded({ id: requestId }));
    const answered = await Promise.all(answers);
    expect(new Set(answered.map(({ headers }) => headers.get('x-request-id'))).size).toBe(1);
    const replayed = answered.map(({ headers }) => headers.get('idempotency-replayed'));
    expect(replayed.filter((value) => value === 'true')).toHaveLength(5);
    for (const answer of answered) expect(await answer.text()).toBe('shower curtain');
    expect(await counted(gateway, 'under-way', 5)).toBe(true);
    expect(gateway.requests()).toEqual([]);
  });

  test('a replay that does not wait gets the link and file name of the first request', async () => {
    await using gateway = await fakeGateway();
    const headers = { 'idempotency-key': 'k-1', prefer: 'respond-async' };
    const first = await post(gateway, '/', imageForm(JPEG, 'first.jpg'), headers);
    const replay = await post(gateway, '/', imageForm(JPEG, 'second.jpg'), headers);
    expect(replay.headers.get('location')).toBe(first.headers.get('location'));
    expect(await replay.json()).toEqual(await first.json());
  });

  test('another image is refused under a new request id', async () => {
    await using gateway = await fakeGateway();
    const headers = { 'idempotency-key': 'k-1', prefer: 'respond-async' };
    const first = await post(gateway, '/', imageForm(), headers);
    const other = await post(gateway, '/', imageForm(IMAGES['image/png']), headers);
    expect(other.status).toBe(422);
    expect(await other.json()).toMatchObject({
      type: 'urn:labelfleet:problem:idempotency-key-reused',
      requestId: other.headers.get('x-request-id'),
    });
    expect(other.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
    expect(gateway.requests()).toHaveLength(1);
    expect(await counted(gateway, 'another-image', 1)).toBe(true);
  });

  test('a malformed key is refused before the image is read', async () => {
    await using gateway = await fakeGateway();
    const response = await post(gateway, '/', imageForm(), { 'idempotency-key': 'two words' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      type: 'urn:labelfleet:problem:invalid-parameter',
    });
  });

  test('while the records cannot be reached the caller gets 503, and nothing is sent', async () => {
    await using gateway = await fakeGateway({
      beforeCall: (operation, key) => {
        if (key.startsWith('idempotency/'))
          throw new AwsCallError(operation, { code: 'ECONNREFUSED', message: 'no' });
      },
    });
    const response = await withKey(gateway);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(gateway.requests()).toEqual([]);
    expect([gateway.budget.bytesInUse, gateway.pending.size]).toEqual([0, 0]);
  });
});
