import { request, type IncomingMessage } from 'node:http';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';

import { FaultsClient } from '@labelfleet/testkit/faults-client';
import { createBucket } from '@labelfleet/testkit/test-bucket';
import {
  describeOne,
  launchOne as launchOneIn,
  tagged,
  untilState,
} from '@labelfleet/testkit/test-instances';
import { createQueue, type TestQueue } from '@labelfleet/testkit/test-queue';
import { useLocalCloud } from '@labelfleet/testkit/use-local-cloud';

/** Text that would run as a script if it were not escaped. */
const EVIL = `<script>alert(1)</script><img src=x onerror="alert(2)">'&`;
const key = `a/${EVIL}?b#c`;

const cloud = useLocalCloud();
const faults = new FaultsClient(() => cloud.endpoint);
afterEach(() => faults.clearAll());

let queue: TestQueue;
let bucket: string;
beforeAll(async () => {
  queue = await createQueue(cloud.sqs);
  await queue.send(EVIL);
  await queue.send('later', { DelaySeconds: 900 });
  const created = await createBucket(cloud.s3);
  await created.put(key, { Body: EVIL, ContentType: 'text/html' });
  bucket = created.name;
});

const get = (path: string) => fetch(cloud.endpoint + path);
const textOf = async (path: string) => (await get(path)).text();
const queuePage = () => `/_local/queues/${queue.name}`;

/** The fields of a form of the page. */
const post = (path: string, fields: Record<string, string> = {}) =>
  fetch(cloud.endpoint + path, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { origin: cloud.endpoint },
    redirect: 'manual',
  });

/** A request with headers that `fetch` does not allow. */
const send = (options: { method?: string; path: string; headers: Record<string, string> }) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const { hostname, port } = new URL(cloud.endpoint);
    request({ hostname, port, ...options }, (response) => resolve(response.resume()))
      .once('error', reject)
      .end();
  });

const launchOne = () =>
  launchOneIn(cloud, {
    InstanceInitiatedShutdownBehavior: 'terminate',
    TagSpecifications: tagged('name', EVIL),
  });

describe('the page', () => {
  test.each(['/_local', '/_local/', '/_local/state'])(
    '%s shows all queues, buckets, instances and faults',
    async (path) => {
      const id = await launchOne();
      await faults.set({ id: 'named', kind: 'boot-failure' });
      const answer = await get(path);
      expect(answer.headers.get('content-type')).toContain('text/html');
      const page = await answer.text();
      for (const part of [queuePage(), bucket, id, 'named', `/_local/instances/${id}/log`]) {
        expect(page).toContain(part);
      }
    },
  );

  test('of a queue shows its messages without receiving them', async () => {
    const page = await textOf(queuePage());
    expect(page).toContain('later');
    expect(page).toMatch(/delayed, 14 min/);
    expect(await queue.counts()).toEqual([1, 0, 1]);
  });

  test('of a bucket links to objects with any keys', async () => {
    const page = await textOf(`/_local/buckets/${bucket}`);
    const address = /href="(\/_local\/objects\/[^"]+)"/.exec(page)?.[1] ?? '';
    expect(await textOf(address.replaceAll('&#39;', "'"))).toBe(EVIL);
  });

  test('escapes all stored text', async () => {
    await launchOne();
    const pages = ['/_local/', queuePage(), `/_local/buckets/${bucket}`].map(textOf);
    for (const page of await Promise.all(pages)) {
      expect(page).not.toContain('<script>alert');
      expect(page).not.toContain('<img');
    }
  });

  test('runs only its own scripts', async () => {
    const page = await get('/_local/');
    const policy = page.headers.get('content-security-policy') ?? '';
    const [, nonce = ''] = /script-src 'nonce-([^']+)'/.exec(policy) ?? [];
    expect(policy).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect((await page.text()).match(/<script[^>]*>/g)).toEqual([
      `<script nonce="${nonce.replaceAll('&', '&#38;')}" type="module">`,
    ]);
  });

  test('of an object has its own origin, even with a presigned URL', async () => {
    const address = [bucket, key].map(encodeURIComponent).join('/');
    const signed = '?X-Amz-Credential=a/20260101/us-east-1/s3/aws4_request';
    const viewed = await get(`/_local/objects/${address}`);
    const opened = await send({
      path: `/${address}${signed}`,
      headers: { 'sec-fetch-mode': 'navigate' },
    });
    expect(viewed.headers.get('content-security-policy')).toContain('sandbox');
    expect(opened.statusCode).toBe(200);
    expect(opened.headers['content-security-policy']).toBe('sandbox');
  });

  test.each(['queues/none', 'buckets/none', 'objects/BUCKET/none', 'nothing', 'objects/%/x'])(
    'is no server error for %s',
    async (path) => {
      const { status } = await get(`/_local/${path.replace('BUCKET', bucket)}`);
      expect([400, 404]).toContain(status);
    },
  );
});

describe('a button', () => {
  test.each([
    ['terminate', 'Client.UserInitiatedShutdown'],
    ['kill', 'Client.InstanceInitiatedShutdown'],
  ])('%s ends an instance and returns to the page', async (action, reason) => {
    const id = await launchOne();
    await untilState(cloud, id, 'running');
    const { status, headers } = await post(`/_local/instances/${id}/${action}`);
    expect([status, headers.get('location')]).toEqual([303, '/_local/#instances']);
    await untilState(cloud, id, 'terminated');
    expect((await describeOne(cloud, id))?.StateReason?.Code).toBe(reason);
  });

  test('sends an instance a Spot notice', async () => {
    const id = await launchOne();
    await untilState(cloud, id, 'running');
    await post(`/_local/instances/${id}/spot-notice`);
    expect(await textOf('/_local/')).toMatch(
      /Spot notice: 1 min 59 s left|Spot notice: 2 min 0 s left/,
    );
  });

  test('sets and clears a common fault', async () => {
    expect((await post('/_local/faults', { preset: '2' })).status).toBe(303);
    const [fault] = await faults.list();
    expect(fault).toMatchObject({ kind: 'capacity' });
    await post(`/_local/faults/${fault?.id}/clear`);
    expect(await faults.list()).toEqual([]);
  });

  test('clears all faults', async () => {
    for (const preset of ['0', '1', '3']) await post('/_local/faults', { preset });
    await post('/_local/faults/clear');
    expect(await faults.list()).toEqual([]);
  });
});

describe('the form for a fault', () => {
  test('sets a fault from its fields', async () => {
    const fields = {
      kind: 'error',
      'match.queue': 'q*',
      status: '503',
      probability: '0.5',
      id: '',
    };
    expect((await post('/_local/faults', fields)).status).toBe(303);
    expect(await faults.list()).toMatchObject([
      { kind: 'error', match: { queue: 'q*' }, status: 503, probability: 0.5 },
    ]);
  });

  test('names the invalid field', async () => {
    const refused = await post('/_local/faults', { kind: 'capacity', status: '503' });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('status');
  });
});

describe('a web page elsewhere', () => {
  const origin = 'https://example.com';
  const presigned = '/?X-Amz-Credential=a/20260101/us-east-1/ec2/aws4_request';

  test.each([
    ['sets no fault', { path: '/_local/faults', headers: { origin } }],
    ['clears none', { path: '/_local/faults/clear', headers: { origin } }],
    ['clears none without a name', { path: '/_local/faults/clear', headers: { origin: 'null' } }],
    ['launches nothing', { path: presigned, headers: { origin } }],
    [
      'reads nothing by DNS rebinding',
      { method: 'GET', path: '/_local/', headers: { host: 'a.example' } },
    ],
    ['sends nothing by DNS rebinding', { path: presigned, headers: { host: 'a.example' } }],
  ])('%s', async (_what, options) => {
    expect((await send({ method: 'POST', ...options })).statusCode).toBe(403);
  });
});
