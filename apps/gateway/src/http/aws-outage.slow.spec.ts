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

/** A gateway with a caller name that faults can match, and a client whose calls fail after 5 s. */
async function startGateway(caller: string, on: TestCloud, queueUrl: string) {
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

const OUTAGES: [name: string, fault: { match?: object }][] = [
  ['S3 hangs', { kind: 'hold', action: 's3:*' }],
  ['SQS hangs', { kind: 'hold', action: 'sqs:*' }],
  ['all of AWS hangs', { kind: 'hold', action: '*' }],
  ['only writes to S3 hang', { kind: 'hold', action: 'PutObject' }],
  ['only sends hang', { kind: 'hold', action: 'SendMessageBatch' }],
  ['the responses of S3 are lost', { kind: 'hold', action: 's3:*', when: 'after' }],
  ['every connection breaks', { kind: 'cut-connection', action: '*' }],
  ['every response is cut off', { kind: 'lost-reply', action: '*' }],
  ['S3 responds 500 to every put', error('PutObject', 500, 'InternalError')],
  ['SQS responds 503 to every send', error('SendMessageBatch', 503, 'ServiceUnavailable')],
  ['S3 throttles', { kind: 'throttle', action: 's3:*' }],
  ['the input bucket is missing', error('s3:*', 404, 'NoSuchBucket', 'input')],
  ['the output bucket is missing', error('s3:*', 404, 'NoSuchBucket', 'output')],
  ['the state bucket is missing', error('s3:*', 404, 'NoSuchBucket', 'state')],
  ['the queue was deleted', error('sqs:*', 400, 'QueueDoesNotExist')],
  ['sending is not allowed', error('SendMessageBatch', 403, 'AccessDenied')],
  ['the credentials have expired', error('*', 400, 'ExpiredToken')],
  ['responses take 6 s', { kind: 'latency', action: '*', seconds: 6 }],
].map(([name, fault]) => [name, fault] as [string, { match?: object }]);

/** True if a POST does not need the failed dependency; index 0 is the POST without a key. */
const isUnaffected = (name: string, index: number) =>
  name === 'the output bucket is missing' ||
  (name === 'the state bucket is missing' && index === 0);

test.concurrent.for(OUTAGES)(
  'while %s, POST and /readyz return 503 within 5 s, then at once; both recover without traffic',
  SLOW,
  async ([name, fault], { expect }) => {
    const caller = `caller-${name.replaceAll(/\W/g, '-')}`;
    await using gateway = await startGateway(caller, cloud, requestQueueUrl);
    const faults = faultsOf(cloud);
    expect((await gateway.post({ 'idempotency-key': caller })).status).toBe(202);
    expect(await gateway.ready()).toBe(200);

    const id = await faults.set({ ...fault, match: { ...fault.match, caller } });
    // POST and readiness share what they find out.
    const key = { 'idempotency-key': `${caller}-2` };
    const first = await Promise.all([gateway.post(), gateway.post(key), gateway.post(key)]);
    for (const [index, response] of first.entries()) {
      if (!isUnaffected(name, index)) expect([index, response.status]).toEqual([index, 503]);
      if (response.status === 503) expect(response.headers.get('retry-after')).toBe('5');
    }
    // At once after a failed call; else when the last check is 2 s old.
    await expect.poll(gateway.ready, { timeout: 6_000, interval: 100 }).toBe(503);
    expect((await gateway.post()).status).toBe(503);
    expect((await gateway.call('/healthz')).status).toBe(200);

    await faults.clear(id);
    await expect.poll(gateway.ready, { timeout: 10_000, interval: 100 }).toBe(200);
    expect((await gateway.post(key, 20_000)).status).toBe(202);
  },
);

// Not concurrent: a slow response and a timeout are only 1 s apart.
test(
  'responses that take 3 s are slow, but the gateway refuses nothing and stays ready',
  SLOW,
  async ({ expect }) => {
    const caller = 'caller-slow';
    await using gateway = await startGateway(caller, cloud, requestQueueUrl);
    const slow = { kind: 'latency', action: ['s3:*', 'SendMessageBatch'], seconds: 3 };
    await faultsOf(cloud).set({ ...slow, match: { caller } });
    const [ready, plain, keyed] = await Promise.all([
      gateway.ready(),
      gateway.post({}, 20_000),
      gateway.post({ 'idempotency-key': caller }, 20_000),
    ]);
    expect([ready, plain.status, keyed.status]).toEqual([200, 202, 202]);
  },
);

test.concurrent(
  'reading a classification returns it, or 503 within 5 s, while S3 hangs',
  SLOW,
  async ({ expect }) => {
    const caller = 'caller-get';
    await using gateway = await startGateway(caller, cloud, requestQueueUrl);
    const location = (await gateway.post()).headers.get('location') ?? '';
    const faults = faultsOf(cloud);
    const id = await faults.set({ kind: 'hold', action: 's3:*', match: { caller } });
    expect((await gateway.call(location)).status).toBe(503);
    await faults.clear(id);
    await expect.poll(async () => (await gateway.call(location)).status).toBe(200);
  },
);

test.concurrent(
  'a POST returns 503 when the cloud is killed and when its data folder is deleted',
  SLOW,
  async ({ expect }) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'gateway-cloud-'));
    await using own = await startTestCloud({ dataDir, env: { LOG_LEVEL: 'fatal' } });
    for (const bucket of Object.values(BUCKETS)) await own.createBucket(bucket);
    await using gateway = await startGateway('a', own, await own.createQueue('requests'));
    expect(await gateway.ready()).toBe(200);
    await rm(dataDir, { recursive: true });
    expect((await gateway.post()).status).toBe(503);
    expect(await gateway.ready()).toBe(503);
    await own[Symbol.asyncDispose]();
    expect(await gateway.ready()).toBe(503);
    expect((await gateway.post()).status).toBe(503);
  },
);
