import { AwsCallError } from '@labelfleet/aws/errors';
import { batchKey, decodeStoredBatch, encodeStoredResult, resultKey } from '@labelfleet/contracts';
import { describe, expect, test } from 'vitest';
import { publishFleet } from '../testing/fleet.ts';
import { fakeGateway, jsonBody, post, type FakeGateway } from '../testing/gateway.ts';
import { failed, someRequestId, succeeded } from '../testing/results.ts';
import { form, IMAGES, JPEG } from '../testing/uploads.ts';

const image = (field: string, bytes: Uint8Array | string = JPEG) => ({
  field,
  fileName: `${field}.jpg`,
  type: 'image/jpeg',
  bytes,
});
const two = form(image('a'), image('b', IMAGES['image/png']));
const ASYNC = { prefer: 'respond-async' };

interface Batch {
  id: string;
  status: string;
  counts: Record<string, number>;
  items: { index: number; customId?: string; id?: string; status: string; problem?: Problem }[];
}
interface Problem {
  status: number;
  detail: string;
}

const read = async (response: Response) => (await response.json()) as Batch;
const get = (gateway: FakeGateway, path: string, headers: Record<string, string> = {}) =>
  gateway.app.request(path, { headers });
const completeNext = (gateway: FakeGateway, reply?: boolean) =>
  gateway.completeNext(
    ({ requestId, fileName }) => succeeded({ id: requestId, ...(fileName && { fileName }) }),
    reply === undefined ? {} : { reply },
  );

describe('a batch', () => {
  test('is the response when all of its images have their results', async () => {
    await using gateway = await fakeGateway();
    const [response] = await Promise.all([
      post(gateway, '/v1/batches', two),
      completeNext(gateway),
      completeNext(gateway),
    ]);
    expect(response.status).toBe(200);
    const batch = await read(response);
    expect(batch).toMatchObject({
      status: 'completed',
      counts: { total: 2, queued: 0, succeeded: 2, failed: 0, canceled: 0 },
      items: [
        { index: 0, customId: 'a', fileName: 'a.jpg', status: 'succeeded' },
        { index: 1, customId: 'b', fileName: 'b.jpg', status: 'succeeded' },
      ],
      links: {
        self: `/v1/batches/${batch.id}`,
        events: `/v1/batches/${batch.id}/events`,
        results: `/v1/batches/${batch.id}/results`,
      },
    });
    expect(response.headers.get('x-request-id')).toBe(batch.id);

    const again = await get(gateway, `/v1/batches/${batch.id}`);
    const etag = again.headers.get('etag') ?? '';
    expect(await read(again)).toEqual(batch);
    const known = await get(gateway, `/v1/batches/${batch.id}`, { 'if-none-match': etag });
    expect(known.status).toBe(304);
  });

  test('is a link when the caller does not wait, and shows what has completed', async () => {
    await using gateway = await fakeGateway();
    await publishFleet(gateway, { at: new Date().toISOString() });
    const response = await post(gateway, '/v1/batches?topK=3', two, ASYNC);
    expect(response.status).toBe(202);
    const batch = await read(response);
    const path = `/v1/batches/${batch.id}`;
    expect(Object.fromEntries(response.headers)).toMatchObject({
      location: path,
      'retry-after': expect.stringMatching(/^\d+$/) as string,
      'preference-applied': 'respond-async',
      'cache-control': 'no-store',
    });
    expect(batch).toMatchObject({
      status: 'running',
      aheadApproximately: 28,
      counts: { total: 2, queued: 2 },
      items: [{ status: 'queued' }, { status: 'queued' }],
    });
    const requests = gateway.requests();
    expect(requests.map(({ requestId }) => requestId)).toEqual(batch.items.map(({ id }) => id));
    for (const request of requests) expect(request).toMatchObject({ topK: 3, batchId: batch.id });

    await completeNext(gateway, false);
    const running = await get(gateway, path);
    expect(running.headers.get('cache-control')).toBe('no-store');
    expect(await read(running)).toMatchObject({ status: 'running', counts: { succeeded: 1 } });
    const some = await (await get(gateway, `${path}/results`)).text();
    expect(some.split('\n')).toHaveLength(2);

    const [waited] = await Promise.all([
      get(gateway, path, { prefer: 'wait=20' }),
      completeNext(gateway),
    ]);
    expect(await read(waited)).toMatchObject({ status: 'completed' });
    const results = await get(gateway, `${path}/results`);
    expect(results.headers.get('content-type')).toBe('application/jsonl');
    const lines = (await results.text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { index: 0, customId: 'a', status: 'succeeded' },
      { index: 1, customId: 'b', status: 'succeeded' },
    ]);
  });

  test('names a file by its field only if no other file has the same field', async () => {
    await using gateway = await fakeGateway();
    const sent = form(image('files'), image('cover'), image('files'));
    const { items } = await read(await post(gateway, '/v1/batches', sent, ASYNC));
    expect(items.map(({ customId }) => customId)).toEqual([undefined, 'cover', undefined]);
  });

  test('completes as failed at its deadline, and then answers', async () => {
    const start = Date.now();
    let late = 0;
    await using gateway = await fakeGateway({ unixMs: () => start + late });
    const responding = post(gateway, '/v1/batches', two, { 'x-deadline-seconds': '1' });
    await expect.poll(() => gateway.requests().length).toBe(2);
    late = 1_000;
    const batch = await read(await responding);
    expect(batch).toMatchObject({ status: 'completed', counts: { failed: 2 } });
    expect(batch.items[0]?.problem).toMatchObject({ status: 504 });
  });
});

describe('a bad file fails alone', () => {
  test.each([
    ['that is empty', '', 400],
    ['that is no image', 'notes', 415],
    ['that is too large', Buffer.concat([JPEG, Buffer.alloc(10_000)]), 413],
  ])('%s', async (_case, bytes, status) => {
    await using gateway = await fakeGateway();
    const sent = form(image('a'), { ...image('bad', bytes), fileName: 'notes.txt' }, image('c'));
    const batch = await read(await post(gateway, '/v1/batches', sent, ASYNC));
    expect(batch).toMatchObject({
      status: 'running',
      counts: { total: 3, queued: 2, failed: 1 },
      items: [
        { index: 0, status: 'queued' },
        { index: 1, customId: 'bad', fileName: 'notes.txt', status: 'failed', problem: { status } },
        { index: 2, status: 'queued' },
      ],
    });
    expect(batch.items[1]).not.toHaveProperty('id');
    expect(gateway.requests()).toHaveLength(2);
    expect(gateway.budget.bytesInUse).toBe(0);
  });

  test('and a batch of bad files only is completed at once', async () => {
    await using gateway = await fakeGateway();
    const response = await post(gateway, '/v1/batches', form(image('a', 'no'), image('b', 'no')));
    expect(response.status).toBe(200);
    expect(await read(response)).toMatchObject({ status: 'completed', counts: { failed: 2 } });
  });
});

describe('a batch is refused', () => {
  const many = Array.from({ length: 101 }, (_, index) => image(`f${index}`));
  test.each([
    ['without a file', form({ field: 'note', bytes: 'hi' }), 400, 'missing-image'],
    [
      'with an empty file input only',
      form({ field: 'f', type: 'image/png', bytes: '' }),
      400,
      'missing-image',
    ],
    ['with more than 100 files', form(...many), 413, 'too-many-images'],
    [
      'with more than 200 parts',
      form(...Array.from({ length: 201 }, (_, n) => ({ field: `${n}`, bytes: '' }))),
      400,
      'invalid-parameter',
    ],
    ['that is cut short', { ...two, body: two.body.subarray(0, -60) }, 400, 'missing-image'],
    ['that is an image', { contentType: 'image/jpeg', body: JPEG }, 415, 'unsupported-media-type'],
    ['without a boundary', { ...two, contentType: 'multipart/form-data' }, 400, 'missing-image'],
    ['that is not JSON', { contentType: 'application/json', body: JPEG }, 400, 'invalid-parameter'],
    ['with an empty list', jsonBody({ images: [] }), 400, 'missing-image'],
    ['with another list', jsonBody({ files: ['a'] }), 400, 'invalid-parameter'],
    [
      'with more than 100 references',
      jsonBody({ images: Array.from({ length: 101 }, () => 's3://photos/a') }),
      413,
      'too-many-images',
    ],
    [
      'with an unknown classification',
      jsonBody({ classifications: [someRequestId()] }),
      404,
      'not-found',
    ],
  ])('%s', async (_case, sent, status, code) => {
    await using gateway = await fakeGateway();
    const response = await post(gateway, '/v1/batches', sent, ASYNC);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ type: `urn:labelfleet:problem:${code}` });
    expect(gateway.budget.bytesInUse).toBe(0);
    expect(gateway.pending.size).toBe(0);
    expect(await gateway.state.list('batches/', 10)).toEqual([]);
  });

  test('when the queue fails in the middle, and a repeat of its key accepts each image once', async () => {
    let failing = false;
    await using gateway = await fakeGateway({
      beforeCall: async (operation) => {
        if (failing && operation === 'PutObject') throw new Error('The store is broken.');
      },
    });
    failing = true;
    const headers = { ...ASYNC, 'idempotency-key': 'k' };
    expect((await post(gateway, '/v1/batches', two, headers)).status).toBeGreaterThanOrEqual(500);
    failing = false;
    expect((await post(gateway, '/v1/batches', two, headers)).status).toBe(202);
    expect(gateway.requests()).toHaveLength(2);
  });
});

test.each(['', '/results', '/events'])(
  'GET /v1/batches/{id}%s of no batch is 404',
  async (path) => {
    await using gateway = await fakeGateway();
    for (const id of [someRequestId(), 'x'])
      expect((await get(gateway, `/v1/batches/${id}${path}`)).status).toBe(404);
  },
);

describe('with an idempotency key', () => {
  const KEY = { ...ASYNC, 'idempotency-key': 'mine' };

  test('a repeat gets the same batch and sends nothing', async () => {
    await using gateway = await fakeGateway();
    const first = await read(await post(gateway, '/v1/batches', two, KEY));
    const repeated = await post(gateway, '/v1/batches', two, KEY);
    expect(await read(repeated)).toEqual(first);
    expect(repeated.headers.get('idempotency-replayed')).toBe('true');
    expect(repeated.headers.get('x-request-id')).toBe(first.id);
    expect(gateway.requests()).toHaveLength(2);
    await completeNext(gateway);
    await completeNext(gateway);
    const completed = await post(gateway, '/v1/batches', two, { 'idempotency-key': 'mine' });
    expect(completed.status).toBe(200);
  });

  test.each([
    ['another file at an index', form(image('a'), image('b', IMAGES['image/gif']))],
    ['another bad file', form(image('a'), image('b', 'notes'))],
    ['fewer files', form(image('a'))],
    ['more files', form(image('a'), image('b', IMAGES['image/png']), image('c'))],
    ['a list', jsonBody({ images: ['s3://photos/a'] })],
  ])('%s is refused', async (_case, other) => {
    await using gateway = await fakeGateway();
    await post(gateway, '/v1/batches', two, KEY);
    const response = await post(gateway, '/v1/batches', other, KEY);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      type: 'urn:labelfleet:problem:idempotency-key-reused',
    });
    expect(gateway.requests()).toHaveLength(2);
  });

  test('concurrent repeats make one batch', async () => {
    await using gateway = await fakeGateway();
    const responses = await Promise.all(
      [1, 2, 3].map(async () => post(gateway, '/v1/batches', two, KEY)),
    );
    const batches = await Promise.all(responses.map(read));
    expect(new Set(batches.map((batch) => JSON.stringify(batch))).size).toBe(1);
    expect(gateway.requests()).toHaveLength(2);
  });

  test('the same key for one image is another request', async () => {
    await using gateway = await fakeGateway();
    await post(gateway, '/v1/batches', two, KEY);
    expect((await post(gateway, '/v1/classifications', form(image('a')), KEY)).status).toBe(202);
    expect(gateway.requests()).toHaveLength(3);
  });
});

describe('a batch whose caller chose a webhook receiver', () => {
  const NOTIFY = { ...ASYNC, notify: 'archive' };
  const message = (id: string) => ({ type: 'batch.completed', id, receiver: 'archive' });

  test('tells the workers', async () => {
    await using gateway = await fakeGateway({ receivers: ['archive'] });
    const { id } = await read(await post(gateway, '/v1/batches', two, NOTIFY));
    for (const request of gateway.requests())
      expect(request).toMatchObject({ notify: 'archive', batchId: id });
    expect(gateway.webhooks()).toEqual([]);
  });

  test('and has no image sends the webhook message itself', async () => {
    await using gateway = await fakeGateway({ receivers: ['archive'] });
    const { id } = await read(await post(gateway, '/v1/batches', form(image('a', 'no')), NOTIFY));
    expect(gateway.webhooks()).toMatchObject([{ value: message(id) }]);
  });

  test('and has no image is refused while the message cannot be sent, and its repeat sends it', async () => {
    let isDown = true;
    await using gateway = await fakeGateway({
      receivers: ['archive'],
      beforeCall: (operation, queue) => {
        if (isDown && operation === 'SendMessageBatch' && queue.endsWith('/webhooks'))
          throw new AwsCallError(operation, { code: 'ECONNREFUSED', message: 'no' });
      },
    });
    const headers = { ...NOTIFY, 'idempotency-key': 'mine' };
    const empty = form(image('a', 'no'));
    expect((await post(gateway, '/v1/batches', empty, headers)).status).toBe(503);
    isDown = false;
    const { id } = await read(await post(gateway, '/v1/batches', empty, headers));
    expect(gateway.webhooks()).toMatchObject([{ value: message(id) }]);
  });

  test('cannot be gathered from earlier requests, which would not send its webhook', async () => {
    await using gateway = await fakeGateway({ receivers: ['archive'] });
    await post(gateway, '/v1/classifications', form(image('a')), ASYNC);
    const ids = gateway.requests().map(({ requestId }) => requestId);
    const response = await post(gateway, '/v1/batches', jsonBody({ classifications: ids }), NOTIFY);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      type: 'urn:labelfleet:problem:invalid-parameter',
    });
  });

  test('sends a message for each request that is canceled', async () => {
    await using gateway = await fakeGateway({ receivers: ['archive'] });
    const { id, items } = await read(await post(gateway, '/v1/batches', two, NOTIFY));
    const canceled = `/v1/classifications/${items[0]?.id}/cancel`;
    await gateway.app.request(canceled, { method: 'POST' });
    expect(gateway.webhooks()).toMatchObject([{ value: message(id) }]);
  });
});

describe('a JSON list', () => {
  const sources = [{ bucket: 'photos', folder: 'open/' }];
  const store = (gateway: FakeGateway, key: string, body: Uint8Array | string = JPEG) =>
    gateway.photos.put(key, body, { contentType: 'binary/octet-stream' });

  test('of references makes a batch, in which a bad one fails alone', async () => {
    await using gateway = await fakeGateway({ imageSources: sources });
    await store(gateway, 'open/a.jpg');
    await store(gateway, 'open/large.jpg', Buffer.alloc(10_001));
    await store(gateway, 'open/notes.txt', 'notes');
    await store(gateway, 'secret/a.jpg');
    const sent = jsonBody({
      images: [
        's3://photos/open/a.jpg',
        { image: 's3://photos/open/a.jpg', customId: 'mine' },
        's3://photos/open/none.jpg',
        's3://photos/open/large.jpg',
        's3://photos/open/notes.txt',
        { image: 's3://photos/secret/a.jpg', customId: 'theirs' },
      ],
    });
    const { items } = await read(await post(gateway, '/v1/batches', sent, ASYNC));
    expect(items).toMatchObject([
      { fileName: 'a.jpg', status: 'queued' },
      { fileName: 'a.jpg', status: 'queued', customId: 'mine' },
      { fileName: 'none.jpg', status: 'failed', problem: { status: 404 } },
      { fileName: 'large.jpg', status: 'failed', problem: { status: 413 } },
      { fileName: 'notes.txt', status: 'failed', problem: { status: 415 } },
      { status: 'failed', problem: { status: 403 }, customId: 'theirs' },
    ]);
    expect(gateway.budget.bytesInUse).toBe(0);
  });

  test('with an idempotency key is repeated without reading the images again', async () => {
    let reads = 0;
    await using gateway = await fakeGateway({
      imageSources: sources,
      beforeCall: async (operation, key) => {
        if (operation === 'GetObject' && key.startsWith('open/')) reads += 1;
      },
    });
    await store(gateway, 'open/a.jpg');
    const headers = { ...ASYNC, 'idempotency-key': 'k' };
    const sent = jsonBody({ images: ['s3://photos/open/a.jpg'] });
    const first = await read(await post(gateway, '/v1/batches', sent, headers));
    expect(await read(await post(gateway, '/v1/batches', sent, headers))).toEqual(first);
    expect(reads).toBe(1);
  });

  test('of classifications gathers requests that were accepted before', async () => {
    await using gateway = await fakeGateway();
    for (const name of ['a', 'b'])
      await post(gateway, '/v1/classifications', form(image(name)), ASYNC);
    const { request } = await gateway.completeNext(({ requestId }) =>
      failed(requestId, 'invalid-image'),
    );
    const [other] = gateway.requests();
    const ids = [other?.requestId, request.requestId];
    const sent = jsonBody({ classifications: ids });
    const response = await post(gateway, '/v1/batches', sent, ASYNC);
    expect(response.status).toBe(202);
    const batch = await read(response);
    expect(batch).toMatchObject({
      counts: { total: 2, queued: 1, failed: 1 },
      items: [
        { index: 0, id: ids[0], fileName: 'b.jpg', status: 'queued' },
        { index: 1, id: ids[1], status: 'failed' },
      ],
    });
    expect(gateway.requests()).toHaveLength(1);
    const stored = await gateway.state.get(batchKey(batch.id));
    expect(decodeStoredBatch(new TextDecoder().decode(stored?.body))).toMatchObject({
      kind: 'decoded',
    });
  });
});

test('beyond MAX_BACKLOG_SECONDS, a list of references is refused as a form is, and a list of earlier requests is not', async () => {
  await using gateway = await fakeGateway({ maxBacklogMs: 60_000 });
  await publishFleet(gateway, { at: new Date().toISOString(), estimatedWaitSeconds: 80 });
  const result = succeeded();
  await gateway.output.put(resultKey(result.id), encodeStoredResult(result), {
    contentType: 'application/json',
  });
  for (const [body, status] of [
    [two, 503],
    [jsonBody({ images: ['s3://photos/a'] }), 503],
    [jsonBody({ classifications: [result.id] }), 200],
  ] as const)
    expect((await post(gateway, '/v1/batches', body)).status).toBe(status);
});
