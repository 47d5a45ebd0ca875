import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import { rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { faultsOf } from '../testing/faults.ts';
import { startProcess } from '../testing/gateway-process.ts';
import { imageForm } from '../testing/uploads.ts';

const BUCKETS = { INPUT_BUCKET: 'input', OUTPUT_BUCKET: 'output', STATE_BUCKET: 'state' };
const SLOW = { timeout: 60_000 };

let gateways = 0;

let cloud: TestCloud;
let requestQueueUrl: string;
beforeAll(async () => {
  cloud = await startTestCloud({ env: { LOG_LEVEL: 'fatal' } });
  for (const bucket of Object.values(BUCKETS)) await cloud.createBucket(bucket);
  requestQueueUrl = await cloud.createQueue('requests');
});
afterAll(() => cloud[Symbol.asyncDispose]());

/** A gateway that faults can be meant for, and the calls that a client makes, each answered within 5 s or not. */
async function compose(caller: string, on: TestCloud, queueUrl: string) {
  const gateway = startProcess({
    ...on.environment,
    ...BUCKETS,
    AWS_ACCESS_KEY_ID: caller,
    REQUEST_QUEUE_URL: queueUrl,
    REPLY_QUEUE_PREFIX: `replies-${(gateways += 1)}-`,
    PORT: '0',
    LOG_LEVEL: 'info',
  });
  const url = await gateway.url;
  const call = (path: string, init: RequestInit = {}) =>
    fetch(url + path, { ...init, signal: AbortSignal.timeout(5_000) });
  return {
    call,
    ready: async () => (await call('/readyz')).status,
    post(headers: Record<string, string> = {}, limitMs = 5_000) {
      const { contentType, body } = imageForm();
      return fetch(`${url}/v1/classifications`, {
        method: 'POST',
        body: new Uint8Array(body),
        headers: { 'content-type': contentType, prefer: 'respond-async', ...headers },
        signal: AbortSignal.timeout(limitMs),
      });
    },
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

const error = (action: string, status: number, code: string, bucket?: string) => ({
  ...{ kind: 'error', action, status, code },
  ...(bucket !== undefined && { match: { bucket } }),
});

const TROUBLES: [name: string, fault: { match?: object }][] = [
  ['S3 hangs', { kind: 'hold', action: 's3:*' }],
  ['SQS hangs', { kind: 'hold', action: 'sqs:*' }],
  ['all of AWS hangs', { kind: 'hold', action: '*' }],
  ['only writing to S3 hangs', { kind: 'hold', action: 'PutObject' }],
  ['only sending hangs', { kind: 'hold', action: 'SendMessageBatch' }],
  ['the answers of S3 are lost', { kind: 'hold', action: 's3:*', when: 'after' }],
  ['every connection breaks', { kind: 'cut-connection', action: '*' }],
  ['every answer breaks off', { kind: 'lost-reply', action: '*' }],
  ['S3 answers 500 to every put', error('PutObject', 500, 'InternalError')],
  ['SQS answers 503 to every send', error('SendMessageBatch', 503, 'ServiceUnavailable')],
  ['S3 throttles', { kind: 'throttle', action: 's3:*' }],
  ['the input bucket is missing', error('s3:*', 404, 'NoSuchBucket', 'input')],
  ['the output bucket is missing', error('s3:*', 404, 'NoSuchBucket', 'output')],
  ['the state bucket is missing', error('s3:*', 404, 'NoSuchBucket', 'state')],
  ['the queue is gone', error('sqs:*', 400, 'QueueDoesNotExist')],
  ['sending is not allowed', error('SendMessageBatch', 403, 'AccessDenied')],
  ['the credentials have expired', error('*', 400, 'ExpiredToken')],
  ['answers take 6 s', { kind: 'latency', action: '*', seconds: 6 }],
].map(([name, fault]) => [name, fault] as [string, { match?: object }]);

/** Whether a POST does without what is in trouble; index 0 is the one without a key. */
const spares = (name: string, index: number) =>
  name === 'the output bucket is missing' ||
  (name === 'the state bucket is missing' && index === 0);

test.concurrent.for(TROUBLES)(
  'while %s, POST and /readyz are 503 within 5 s, and then at once; after it both work without traffic',
  SLOW,
  async ([name, fault], { expect }) => {
    const caller = `caller-${name.replaceAll(/\W/g, '-')}`;
    await using gateway = await compose(caller, cloud, requestQueueUrl);
    const faults = faultsOf(cloud);
    expect((await gateway.post({ 'idempotency-key': caller })).status).toBe(202);
    expect(await gateway.ready()).toBe(200);

    const id = await faults.set({ ...fault, match: { ...fault.match, caller } });
    // What a POST finds out, readiness knows, and the other way round.
    const key = { 'idempotency-key': `${caller}-2` };
    const first = await Promise.all([gateway.post(), gateway.post(key), gateway.post(key)]);
    for (const [index, response] of first.entries()) {
      if (!spares(name, index)) expect([index, response.status]).toEqual([index, 503]);
      if (response.status === 503) expect(response.headers.get('retry-after')).toBe('5');
    }
    // At once where a call has failed; else when what was found out last is 2 s old.
    await expect.poll(gateway.ready, { timeout: 6_000, interval: 100 }).toBe(503);
    expect((await gateway.post()).status).toBe(503);
    expect((await gateway.call('/healthz')).status).toBe(200);

    await faults.clear(id);
    await expect.poll(gateway.ready, { timeout: 10_000, interval: 100 }).toBe(200);
    expect((await gateway.post(key, 20_000)).status).toBe(202);
  },
);

// Apart from the others: 1 s lies between a slow answer and one that is given up.
test('answers of 3 s are slow, and are neither refused nor unready', SLOW, async ({ expect }) => {
  const caller = 'caller-slow';
  await using gateway = await compose(caller, cloud, requestQueueUrl);
  const slow = { kind: 'latency', action: ['s3:*', 'SendMessageBatch'], seconds: 3 };
  await faultsOf(cloud).set({ ...slow, match: { caller } });
  const [ready, plain, keyed] = await Promise.all([
    gateway.ready(),
    gateway.post({}, 20_000),
    gateway.post({ 'idempotency-key': caller }, 20_000),
  ]);
  expect([ready, plain.status, keyed.status]).toEqual([200, 202, 202]);
});

test.concurrent(
  'a classification is told, or 503 within 5 s, while S3 hangs',
  SLOW,
  async ({ expect }) => {
    const caller = 'caller-get';
    await using gateway = await compose(caller, cloud, requestQueueUrl);
    const location = (await gateway.post()).headers.get('location') ?? '';
    const faults = faultsOf(cloud);
    const id = await faults.set({ kind: 'hold', action: 's3:*', match: { caller } });
    expect((await gateway.call(location)).status).toBe(503);
    await faults.clear(id);
    await expect.poll(async () => (await gateway.call(location)).status).toBe(200);
  },
);

test.concurrent(
  'a cloud that is killed, and one whose data folder is gone',
  SLOW,
  async ({ expect }) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'gateway-cloud-'));
    await using own = await startTestCloud({ dataDir, env: { LOG_LEVEL: 'fatal' } });
    for (const bucket of Object.values(BUCKETS)) await own.createBucket(bucket);
    await using gateway = await compose('a', own, await own.createQueue('requests'));
    expect(await gateway.ready()).toBe(200);
    await rm(dataDir, { recursive: true });
    expect((await gateway.post()).status).toBe(503);
    expect(await gateway.ready()).toBe(503);
    await own[Symbol.asyncDispose]();
    expect(await gateway.ready()).toBe(503);
    expect((await gateway.post()).status).toBe(503);
  },
);
