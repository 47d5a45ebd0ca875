import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import { callerUsageCodec, callerUsageKey, encodeApiKeys } from '@labelfleet/contracts';
import { freePort } from '@labelfleet/testkit/free-port';
import { seededRandom } from '@labelfleet/testkit/random';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testKey } from './testing/api-keys.ts';
import { startProcess } from './testing/gateway-process.ts';
import { completeNext as answerOn } from './testing/fake-worker.ts';
import { JPEG, imageForm } from './testing/uploads.ts';

test('names every missing variable and exits with 78 when it has no configuration', async () => {
  const gateway = startProcess({});
  expect(await gateway.exited).toBe(78);
  for (const name of ['REQUEST_QUEUE_URL', 'INPUT_BUCKET', 'OUTPUT_BUCKET', 'STATE_BUCKET'])
    expect(gateway.errors()).toContain(`${name} is not set`);
});

describe('a gateway process', () => {
  let cloud: TestCloud;
  let env: Record<string, string>;
  beforeAll(async () => {
    cloud = await startTestCloud();
    const buckets = ['gateway-input', 'gateway-output', 'gateway-state'] as const;
    await Promise.all(buckets.map((bucket) => cloud.createBucket(bucket)));
    env = {
      ...cloud.environment,
      REQUEST_QUEUE_URL: await cloud.createQueue('gateway-requests'),
      INPUT_BUCKET: buckets[0],
      OUTPUT_BUCKET: buckets[1],
      STATE_BUCKET: buckets[2],
      PORT: '0',
      DRAIN_TIMEOUT_SECONDS: '0',
    };
  });
  afterAll(() => cloud[Symbol.asyncDispose]());

  const completeNext = () =>
    answerOn(cloud, {
      requestQueueUrl: env['REQUEST_QUEUE_URL'] ?? '',
      inputBucket: 'gateway-input',
      outputBucket: 'gateway-output',
    });

  const post = (url: string, headers: Record<string, string> = {}) => {
    const { contentType, body } = imageForm(JPEG, 'Zürich.jpg');
    return fetch(url, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: { 'content-type': contentType, ...headers },
    });
  };

  test('returns the label of an image, logs its request id, and deletes its reply queue when it stops', async () => {
    const gateway = startProcess(env);
    const url = await gateway.url;
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(200);
    // 30 s longer than the longest wait, so that a load balancer closes first.
    expect(ready.headers.get('keep-alive')).toBe('timeout=330');

    const [answer, { request, image, replied }] = await Promise.all([post(url), completeNext()]);
    expect(await answer.text()).toBe('shower curtain');
    expect(replied).toBe('sent');
    expect(Buffer.from(image?.body ?? '')).toEqual(JPEG);

    const queued = await post(url, { prefer: 'respond-async' });
    const location = url + (queued.headers.get('location') ?? '');
    expect(await (await fetch(location)).json()).toMatchObject({
      status: 'queued',
      fileName: 'Zürich.jpg',
    });
    const [later] = await Promise.all([
      fetch(location, { headers: { prefer: 'wait=20' } }),
      completeNext(),
    ]);
    expect(await later.json()).toMatchObject({ status: 'succeeded', label: 'shower curtain' });

    const waiting = post(url);
    const waitingRequests = async () =>
      (await cloud.sqs.queue(env['REQUEST_QUEUE_URL'] ?? '').depth()).visible;
    await expect.poll(waitingRequests).toBe(1);
    gateway.child.kill('SIGTERM');
    expect((await waiting).status).toBe(202);
    expect(await gateway.exited).toBe(0);
    expect((await completeNext()).replied).toBe('queue-gone');
    const accepted = gateway.lines.find((line) => line.includes('"request.accepted"'));
    expect(accepted).toContain(`"requestId":"${request.requestId}"`);
  });

  test.each([64, 256])(
    'with %i open files, refuses callers beyond its limit with Retry-After and resets none',
    async (openFiles) => {
      await using gateway = startProcess(env, openFiles);
      const url = await gateway.url;
      const callers = Array.from({ length: 600 }, () => post(url, { prefer: 'wait=3' }));
      const answers = await Promise.all(callers);
      const statuses = new Set(answers.map(({ status }) => status));
      expect(statuses).toEqual(new Set([202, 503]));
      for (const { status, headers } of answers)
        if (status === 503) expect(headers.get('retry-after')).toBe('5');
      for (const answer of answers) await answer.body?.cancel();
      // The gateway sees a moment later that the callers have left.
      const ready = async () => (await fetch(`${url}/readyz`)).status;
      await expect.poll(ready, { timeout: 5_000 }).toBe(200);
    },
  );

  test.each([
    ['a host that others reach', { HOST: '0.0.0.0' }, 'HOST=0.0.0.0: without API keys'],
    ['no file of keys', { API_KEYS_FILE: '/none' }, 'API_KEYS_FILE=/none: cannot be read'],
  ])('with %s exits with 78', async (_case, variables, said) => {
    const gateway = startProcess({ ...env, ...variables });
    expect(await gateway.exited).toBe(78);
    expect(gateway.errors()).toContain(said);
  });

  test('with a taken METRICS_PORT exits with 69', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const gateway = startProcess({ ...env, METRICS_PORT: String(port) });
    expect(await gateway.exited).toBe(69);
    expect(gateway.errors()).toContain(`METRICS_PORT=${port} on 127.0.0.1 cannot be used`);
    taken.close();
  });

  test('serves its metrics on a port of their own', async () => {
    const port = await freePort(seededRandom(process.pid));
    await using gateway = startProcess({ ...env, METRICS_PORT: String(port) });
    const url = await gateway.url;
    const { status, headers } = await fetch(`${url}/metrics`);
    expect([status, headers.get('x-content-type-options')]).toEqual([404, 'nosniff']);
    const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(await metrics.text()).toMatch(/^labelfleet_build_info\{version="[\d.]+"\} 1$/m);
    const health = await fetch(`${url}/healthz`);
    expect(await health.json()).toMatchObject({ version: expect.any(String) as string });
  });

  test('uses a changed file of keys without a restart, and never logs a secret', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gateway-keys-'));
    const file = join(folder, 'keys.json');
    const { key, headers } = testKey();
    await writeFile(file, encodeApiKeys([]));
    await using gateway = startProcess({ ...env, API_KEYS_FILE: file, LOG_LEVEL: 'trace' });
    const url = await gateway.url;
    const status = async () => (await fetch(`${url}/v1/fleet`, { headers })).status;
    expect(await status()).toBe(401);
    await writeFile(`${file}.new`, encodeApiKeys([key]));
    await rename(`${file}.new`, file);
    await expect.poll(status, { timeout: 5_000 }).toBe(404);
    await writeFile(file, 'broken');
    const warnings = async () => (await fetch(`${url}/readyz`)).text();
    await expect.poll(warnings, { timeout: 5_000 }).toContain('its last good keys stay valid');
    expect(await status()).toBe(404);
    await expect.poll(() => gateway.lines.join()).toContain('"api-keys.faulty"');
    expect(gateway.lines.join()).not.toContain('a_secret-of-the-test');
    await rm(folder, { recursive: true });
  });

  test('counts the images of a caller a day with all gateways, also after one is killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gateway-keys-'));
    const file = join(folder, 'keys.json');
    const { key, headers } = testKey({ imagesPerDay: 5 });
    await writeFile(file, encodeApiKeys([key]));
    const start = () => startProcess({ ...env, API_KEYS_FILE: file });
    await using killed = start();
    await using other = start();
    const send = async (url: string) =>
      (await post(url, { ...headers, prefer: 'respond-async' })).status;
    const [first, second] = [await killed.url, await other.url];
    for (const url of [first, first, second]) expect(await send(url)).toBe(202);
    const stored = async () => {
      const day = new Date().toISOString().slice(0, 10);
      const object = await cloud.s3.store('gateway-state').get(callerUsageKey(day, 'shop'));
      const usage = callerUsageCodec.decode(new TextDecoder().decode(object?.body));
      return usage.kind === 'decoded'
        ? Object.values(usage.value.gateways).reduce((sum, { images }) => sum + images, 0)
        : usage.reason;
    };
    await expect.poll(stored, { timeout: 10_000 }).toBe(3);
    killed.child.kill('SIGKILL');
    await killed.exited;
    await using again = start();
    const third = await again.url;
    for (const expected of [202, 202, 429, 429]) expect(await send(third)).toBe(expected);
    await rm(folder, { recursive: true });
  });

  test('a thousand clients can connect while it is busy, and are served then', async () => {
    await using gateway = startProcess(env);
    const url = await gateway.url;
    gateway.child.kill('SIGSTOP');
    const { port } = new URL(url);
    const sockets = Array.from({ length: 1_000 }, () => connect(Number(port), '127.0.0.1'));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    gateway.child.kill('SIGCONT');
    const answers = sockets.map((socket) => once(socket, 'data'));
    for (const socket of sockets) socket.write('GET /healthz HTTP/1.0\r\n\r\n');
    for (const [answer] of await Promise.all(answers))
      expect(String(answer)).toMatch(/^HTTP\/1.1 200 /);
    for (const socket of sockets) socket.destroy();
  });

  test('reports that SQS cannot be reached and exits with 69', async () => {
    const gateway = startProcess({ ...env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
    expect(await gateway.exited).toBe(69);
    expect(gateway.errors()).toMatch(/^The reply queue could not be created/);
  });
});
