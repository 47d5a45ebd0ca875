import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
    },
  );

  test('reports that SQS cannot be reached and exits with 69', async () => {
    const gateway = startProcess({ ...env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
    expect(await gateway.exited).toBe(69);
    expect(gateway.errors()).toMatch(/^The reply queue could not be created/);
  });
});
