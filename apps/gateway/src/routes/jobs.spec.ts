import { AwsCallError } from '@labelfleet/aws/errors';
import { describe, expect, test } from 'vitest';
import type { JobView } from '@labelfleet/contracts';
import { testKey } from '../testing/api-keys.ts';
import { publishFleet, SNAPSHOT } from '../testing/fleet.ts';
import { fakeGateway, jsonBody, post, type FakeGateway } from '../testing/gateway.ts';
import { aJob, someKeys } from '../testing/jobs.ts';

const SOURCE = { prefix: 's3://input/uploads/' };
const NOW = Date.parse('2026-11-26T12:00:00Z');

async function fill(gateway: FakeGateway, keys: readonly string[], bytes = 1_000) {
  for (const key of keys)
    await gateway.input.put(key, Buffer.alloc(bytes), { contentType: 'image/jpeg' });
}
const create = async (gateway: FakeGateway, body: object, headers: Record<string, string> = {}) =>
  post(gateway, '/v1/jobs', jsonBody(body), headers);
const jobOf = async (response: Response) => (await response.json()) as JobView;
const detailOf = async (response: Response) =>
  ((await response.json()) as { detail: string }).detail;

test('a job is stored, listed, active and planned, and the scaler gets an event', async () => {
  await using gateway = await fakeGateway({ receivers: ['archive'] });
  await fill(gateway, ['uploads/a.jpg']);
  const body = {
    source: { ...SOURCE, include: ['*.jpg'], exclude: ['*/raw/*'] },
    topK: 3,
    minPrecision: 0.9,
    completeWithinSeconds: 3_600,
    destination: 's3://output/jobs/2026',
  };
  const response = await create(gateway, body, { notify: 'archive' });
  expect(response.status).toBe(202);
  const job = await jobOf(response);
  const { id } = job;
  expect(Object.fromEntries(response.headers)).toMatchObject({
    location: `/v1/jobs/${id}`,
    'x-request-id': id,
    'retry-after': '5',
  });
  expect(job).toMatchObject({
    status: 'planning',
    source: body.source,
    destination: `s3://output/jobs/2026/${id}/`,
    topK: 3,
    counts: { listed: 0, succeeded: 0, failed: 0, skipped: 0, remaining: null },
    links: { self: `/v1/jobs/${id}`, cancel: `/v1/jobs/${id}/cancel` },
  });
  expect(await gateway.jobs.job(id)).toMatchObject({
    source: { kind: 'prefix', bucket: 'input', prefix: 'uploads/', include: ['*.jpg'] },
    destination: { bucket: 'output', prefix: 'jobs/2026/' },
    readable: [{ bucket: 'input', prefix: 'uploads/' }],
    notify: 'archive',
    minPrecision: 0.9,
  });
  expect(await gateway.jobs.active()).toEqual([id]);
  expect(gateway.jobMessages()).toEqual([{ v: 1, type: 'plan', job: id }]);
  expect(await gateway.reportedRefusals()).toMatchObject([{ type: 'jobs-changed' }]);
});

test('a manifest is stored with its size and version', async () => {
  await using gateway = await fakeGateway();
  const { kind, ...put } = await gateway.input.put(
    'uploads/list',
    '{"key":"s3://input/uploads/a"}',
    {
      contentType: 'application/jsonl',
    },
  );
  expect(kind).toBe('stored');
  const response = await create(gateway, { source: { manifest: 's3://input/uploads/list' } });
  const { id, source } = await jobOf(response);
  expect(source).toEqual({ manifest: 's3://input/uploads/list' });
  expect((await gateway.jobs.job(id))?.source).toEqual({
    ...{ kind: 'manifest', bucket: 'input', key: 'uploads/list', bytes: 30 },
    ...put,
  });
});

describe('a wrong request is refused', () => {
  test.each([
    ['an unknown field', { source: SOURCE, topk: 3 }, 400, /topk/],
    ['an unknown field of its source', { source: { ...SOURCE, suffix: 1 } }, 400, /suffix/],
    ['no source', {}, 400, /source/],
    ['a source without address', { source: {} }, 400, /either prefix or manifest/],
    ['two addresses', { source: { ...SOURCE, manifest: 's3://input/x' } }, 400, /either/],
    [
      'patterns for a manifest',
      { source: { manifest: 's3://input/uploads/x', include: ['*'] } },
      400,
      /with prefix only/,
    ],
    ['another kind of address', { source: { prefix: '/photos/' } }, 400, /s3:\/\/bucket\/prefix/],
    ['a bad number', { source: SOURCE, topK: 11 }, 400, /topK/],
    ['a bad precision', { source: SOURCE, minPrecision: 0.2 }, 400, /minPrecision/],
    ['no positive time', { source: SOURCE, completeWithinSeconds: 0 }, 400, /completeWithin/],
    ['another bucket', { source: { prefix: 's3://photos/' } }, 403, /JOB_SOURCES/],
    ['a prefix above the allowed one', { source: { prefix: 's3://input/' } }, 403, /JOB_SOURCES/],
    ['a manifest elsewhere', { source: { manifest: 's3://photos/x' } }, 403, /JOB_SOURCES/],
    [
      'a destination that is not allowed',
      { source: SOURCE, destination: 's3://output/other/' },
      403,
      /JOB_DESTINATIONS/,
    ],
    ['a prefix without objects', { source: { prefix: 's3://input/uploads/x' } }, 404, /no object/],
    ['a missing manifest', { source: { manifest: 's3://input/uploads/x' } }, 404, /no manifest/],
    ['a manifest without key', { source: { manifest: 's3://input' } }, 400, /names no object/],
    ['a missing bucket', { source: { prefix: 's3://gone/' } }, 404, /no bucket gone/],
    ['an empty manifest', { source: { manifest: 's3://input/uploads/empty' } }, 400, /0 bytes/],
    [
      'a destination in the source',
      { source: { prefix: 's3://both/' }, destination: 's3://both/out/' },
      400,
      /lies in the source/,
    ],
  ])('%s', async (_what, body, status, detail) => {
    const part = (bucket: string, prefix = '') => ({ bucket, prefix });
    await using gateway = await fakeGateway({
      jobPlaces: {
        sources: [part('input', 'uploads/'), part('gone'), part('both')],
        destinations: [part('output', 'jobs/'), part('both')],
      },
    });
    await gateway.input.put('uploads/empty', '', { contentType: 'text/plain' });
    const response = await create(gateway, body);
    expect(await detailOf(response)).toMatch(detail);
    expect(response.status).toBe(status);
    expect(gateway.jobMessages()).toEqual([]);
    expect(await gateway.jobs.active()).toEqual([]);
  });

  test.each([
    ['no JSON', { contentType: 'application/json', body: Buffer.from('{') }, 400],
    ['another media type', { contentType: 'text/plain', body: Buffer.from('{}') }, 415],
  ])('%s', async (_what, body, status) => {
    await using gateway = await fakeGateway();
    expect((await post(gateway, '/v1/jobs', body)).status).toBe(status);
  });

  test('an unknown receiver', async () => {
    await using gateway = await fakeGateway({ receivers: [] });
    expect((await create(gateway, { source: SOURCE }, { notify: 'x' })).status).toBe(400);
  });

  test('a bucket that S3 does not let us list', async () => {
    await using gateway = await fakeGateway({
      beforeCall: (operation) => {
        if (operation === 'ListObjectsV2')
          throw new AwsCallError(operation, {
            code: 'AccessDenied',
            message: 'no',
            statusCode: 403,
          });
      },
    });
    const response = await create(gateway, { source: SOURCE });
    expect(response.status).toBe(403);
    expect(await detailOf(response)).toMatch(/s3:ListBucket/);
  });
});

test('a gateway without a batch queue has no jobs, and says why', async () => {
  await using gateway = await fakeGateway({ withoutBatchQueue: true });
  const created = await create(gateway, { source: SOURCE });
  const listed = await gateway.app.request('/v1/jobs');
  for (const response of [created, listed]) {
    expect(response.status).toBe(404);
    expect(await detailOf(response)).toMatch(/BATCH_QUEUE_URL/);
  }
});

describe('an Idempotency-Key', () => {
  const KEY = { 'idempotency-key': 'mine' };

  test('gives the same job, also when its source is gone', async () => {
    await using gateway = await fakeGateway();
    await fill(gateway, ['uploads/a.jpg']);
    const first = await jobOf(await create(gateway, { source: SOURCE }, KEY));
    await gateway.input.delete('uploads/a.jpg');
    const repeat = await create(gateway, { source: SOURCE }, KEY);
    expect(repeat.status).toBe(202);
    expect(repeat.headers.get('idempotency-replayed')).toBe('true');
    expect((await jobOf(repeat)).id).toBe(first.id);
    expect(await gateway.jobs.list(undefined, 10)).toEqual([first.id]);
    // A second plan message repairs what the first request may have left undone.
    expect(gateway.jobMessages()).toHaveLength(2);
  });

  test('is refused with another body', async () => {
    await using gateway = await fakeGateway();
    await fill(gateway, ['uploads/a.jpg']);
    await create(gateway, { source: SOURCE }, KEY);
    const other = await create(gateway, { source: SOURCE, topK: 2 }, KEY);
    expect(other.status).toBe(422);
    expect(gateway.jobMessages()).toHaveLength(1);
  });

  test('is not used up by a refused request', async () => {
    await using gateway = await fakeGateway();
    expect((await create(gateway, { source: SOURCE }, KEY)).status).toBe(404);
    await fill(gateway, ['uploads/a.jpg']);
    expect((await create(gateway, { source: SOURCE, topK: 2 }, KEY)).status).toBe(202);
  });

  test.each(['PutObject', 'SendMessageBatch'])(
    'continues where a call of %s failed, with one job',
    async (failing) => {
      let calls = 0;
      let failAt = 0;
      await using gateway = await fakeGateway({
        beforeCall: (operation, key) => {
          const isOfJob =
            failing === 'SendMessageBatch' ? key.endsWith('/batch') : key.includes('job');
          if (operation !== failing || !isOfJob) return;
          calls += 1;
          if (calls === failAt)
            throw new AwsCallError(operation, { code: 'TimeoutError', message: 'hangs' });
        },
      });
      await fill(gateway, ['uploads/a.jpg']);
      for (failAt = 1; ; failAt++) {
        calls = 0;
        const key = { 'idempotency-key': `key-${failAt}` };
        const first = await create(gateway, { source: SOURCE }, key);
        if (first.status === 202) break;
        expect(first.status).toBe(503);
        const { id } = await jobOf(await create(gateway, { source: SOURCE }, key));
        expect(await gateway.jobs.isActive(id)).toBe(true);
        expect(gateway.jobMessages().filter(({ job }) => job === id)).not.toEqual([]);
        expect(await gateway.jobs.list(undefined, 100)).toHaveLength(failAt);
      }
      expect(failAt).toBe(failing === 'SendMessageBatch' ? 2 : 4);
    },
  );
});

describe('with API keys', () => {
  const shop = testKey({ imagesPerDay: 10 });
  const press = testKey({ id: 'p1p1', caller: 'press' });
  const keys = [shop.key, press.key];

  test('a job is its caller’s', async () => {
    await using gateway = await fakeGateway({ keys });
    await fill(gateway, ['uploads/a.jpg']);
    const { id } = await jobOf(await create(gateway, { source: SOURCE }, press.headers));
    const listed = async (headers: Record<string, string>) =>
      ((await (await gateway.app.request('/v1/jobs', { headers })).json()) as { jobs: JobView[] })
        .jobs;
    expect(await listed(press.headers)).toMatchObject([{ id }]);
    expect(await listed(shop.headers)).toEqual([]);
    for (const path of ['', '/events', '/results', '/errors']) {
      const read = (headers: Record<string, string>) =>
        gateway.app.request(`/v1/jobs/${id}${path}`, { headers, method: 'HEAD' });
      expect((await read(press.headers)).status).toBe(200);
      expect((await read(shop.headers)).status).toBe(404);
    }
    const cancel = (headers: Record<string, string>) =>
      gateway.app.request(`/v1/jobs/${id}/cancel`, { method: 'POST', headers });
    expect((await cancel(shop.headers)).status).toBe(404);
    expect(await gateway.jobs.stopOf(id)).toBeUndefined();
    expect((await cancel(press.headers)).status).toBe(200);
  });

  test('the images of a job count as images of the day, and the job may have no more', async () => {
    await using gateway = await fakeGateway({ keys });
    await fill(gateway, someKeys(6));
    const response = await create(gateway, { source: SOURCE }, shop.headers);
    expect(response.headers.get('ratelimit')).toContain('"day";r=4;');
    const { id } = await jobOf(response);
    expect((await gateway.jobs.job(id))?.maxImages).toBe(6);
    const second = await create(gateway, { source: SOURCE }, shop.headers);
    expect(second.status).toBe(429);
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await detailOf(second)).toMatch(/6 images, and 4 of 10 a day are left/);
    expect((await create(gateway, { source: SOURCE }, press.headers)).status).toBe(202);
  });

  test('a repeat counts once, and a refused job not at all', async () => {
    await using gateway = await fakeGateway({ keys });
    await fill(gateway, someKeys(6));
    const key = { ...shop.headers, 'idempotency-key': 'k' };
    expect((await create(gateway, { source: SOURCE }, key)).status).toBe(202);
    expect((await create(gateway, { source: SOURCE }, key)).status).toBe(202);
    await create(gateway, { source: SOURCE }, shop.headers);
    expect(gateway.usage.known('shop').images).toBe(6);
  });

  test('a job of more images than a day may have is refused without Retry-After', async () => {
    await using gateway = await fakeGateway({ keys });
    await fill(gateway, someKeys(11));
    const response = await create(gateway, { source: SOURCE }, shop.headers);
    expect(response.status).toBe(422);
    expect(response.headers.get('retry-after')).toBeNull();
    expect(await response.json()).toMatchObject({
      type: 'urn:labelfleet:problem:job-over-limit',
      detail: expect.stringMatching(/11 images; the limit is 10/) as unknown,
    });
  });

  test('images a minute limit a job to those of a day of such minutes', async () => {
    const slow = testKey({ imagesPerMinute: 1 });
    await using gateway = await fakeGateway({ keys: [slow.key] });
    await fill(gateway, someKeys(1_000));
    expect((await create(gateway, { source: SOURCE }, slow.headers)).status).toBe(202);
    expect((await create(gateway, { source: SOURCE }, slow.headers)).status).toBe(429);
    expect(
      (
        await post(gateway, '/v1/classifications', undefined, {
          ...slow.headers,
          prefer: 'respond-async',
        })
      ).status,
    ).toBe(202);
  });

  test('a daily budget caps the job, and what it may cost is counted as spent', async () => {
    const poor = testKey({ dailyBudgetUsd: 0.005 });
    await using gateway = await fakeGateway({ keys: [poor.key], unixMs: () => NOW });
    const cost = { ...SNAPSHOT.cost, workerHour: { low: 0.0725, high: 0.0725 } };
    await publishFleet(gateway, { at: new Date(NOW).toISOString(), cost });
    await fill(gateway, someKeys(50));
    const { estimate, maxCostUsd } = await jobOf(
      await create(gateway, { source: SOURCE }, poor.headers),
    );
    const high = Math.min(0.005, estimate?.costUsd?.high ?? 0);
    expect(high).toBeGreaterThan(0);
    expect(maxCostUsd).toBe(high);
    expect(gateway.usage.known('shop').usd).toBeCloseTo(high, 9);
  });
});

describe('a dry run', () => {
  test('answers with the estimate and creates nothing', async () => {
    await using gateway = await fakeGateway({ unixMs: () => NOW });
    const cost = { ...SNAPSHOT.cost, workerHour: { low: 0.0725, high: 0.0725 } };
    await publishFleet(gateway, { at: new Date(NOW).toISOString(), cost });
    await fill(gateway, [...someKeys(2_100), 'uploads/notes.txt']);
    await fill(gateway, ['uploads/folder/'], 0);
    const source = { ...SOURCE, include: ['*.jpg'] };
    const response = await create(gateway, { source, dryRun: true });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      images: 2_100,
      bytes: 2_100_000,
      complete: true,
      costUsd: { low: expect.any(Number) as unknown },
      basis: expect.arrayContaining(['The source has 2,100 images of 2.1 MB.']) as unknown,
    });
    const all: unknown = await (await create(gateway, { source: SOURCE, dryRun: true })).json();
    // Without the placeholder of a folder.
    expect(all).toMatchObject({ images: 2_101 });
    expect(await gateway.jobs.list(undefined, 10)).toEqual([]);
    expect(gateway.jobMessages()).toEqual([]);
  });

  test('counts the lines of a manifest', async () => {
    await using gateway = await fakeGateway();
    const line = '{"key":"s3://input/uploads/a.jpg"}';
    // An empty line is none, a broken one is an image that fails, and the last needs no line break.
    const text = `${line}\n\n \r\nbroken\n${line}`;
    await gateway.input.put('uploads/list', text, { contentType: 'application/jsonl' });
    const source = { manifest: 's3://input/uploads/list' };
    const estimate: unknown = await (await create(gateway, { source, dryRun: true })).json();
    expect(estimate).toMatchObject({ images: 3, complete: true });
    expect(estimate).not.toHaveProperty('bytes');
  });

  test('says when it could not count everything in time', async () => {
    let lists = 0;
    await using gateway = await fakeGateway({
      // Each list takes 20 s.
      monotonicMs: () => 20_000 * lists,
      beforeCall: (operation) => void (operation === 'ListObjectsV2' && (lists += 1)),
    });
    await fill(gateway, someKeys(5_000), 1);
    const response = await create(gateway, { source: SOURCE, dryRun: true });
    // One list looks whether there is an object; then three fit into 45 s.
    expect(await response.json()).toMatchObject({ images: 3_000, complete: false });
  });

  test('waits for no other: the fifth at once is refused', async () => {
    const held = Promise.withResolvers<void>();
    let lists = 0;
    await using gateway = await fakeGateway({
      beforeCall: async (operation) => {
        if (operation !== 'ListObjectsV2') return;
        lists += 1;
        // The first of each request looks whether there is an object.
        if (lists > 4) await held.promise;
      },
    });
    await fill(gateway, ['uploads/a.jpg']);
    const dryRun = () => create(gateway, { source: SOURCE, dryRun: true });
    const first = Array.from({ length: 4 }, dryRun);
    await expect.poll(() => lists).toBe(8);
    lists = 0;
    const fifth = await dryRun();
    expect(fifth.status).toBe(503);
    expect(fifth.headers.get('retry-after')).toBe('15');
    held.resolve();
    for (const response of await Promise.all(first)) expect(response.status).toBe(200);
    expect((await dryRun()).status).toBe(200);
  });
});

test('a job that would cost more than its own limit is refused', async () => {
  await using gateway = await fakeGateway({ unixMs: () => NOW });
  const cost = { ...SNAPSHOT.cost, workerHour: { low: 0.0725, high: 0.0725 } };
  await publishFleet(gateway, { at: new Date(NOW).toISOString(), cost });
  await fill(gateway, someKeys(100));
  const response = await create(gateway, { source: SOURCE, maxCostUsd: 0.0000001 });
  expect(response.status).toBe(422);
  expect(await detailOf(response)).toMatch(/more than maxCostUsd/);
  const accepted = await jobOf(await create(gateway, { source: SOURCE, maxCostUsd: 5 }));
  expect(accepted).toMatchObject({ maxCostUsd: 5, estimate: { images: 100 } });
});

test('jobs are listed page by page, the newest first', async () => {
  await using gateway = await fakeGateway();
  const ids: string[] = [];
  for (let minute = 1; minute <= 3; minute++) {
    const id = `0192f0c1-7a8${minute}-7c3d-9e4f-5a6b7c8d9e0f`;
    ids.unshift(id);
    await gateway.jobs.create(aJob({ id }));
  }
  const list = async (path: string) =>
    (await (await gateway.app.request(path)).json()) as {
      jobs: JobView[];
      links: { next?: string };
    };
  const first = await list('/v1/jobs?limit=2');
  expect(first.jobs.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  const second = await list(first.links.next ?? '');
  expect(second.jobs.map(({ id }) => id)).toEqual(ids.slice(2));
  expect(second.links).toEqual({});
  for (const query of ['limit=0', 'limit=101', 'after=x'])
    expect((await gateway.app.request(`/v1/jobs?${query}`)).status).toBe(400);
});
