import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import {
  decodeRequestMessage,
  encodeReplyMessage,
  encodeStoredResult,
  resultKey,
} from '@labelfleet/contracts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { succeeded } from './testing/results.ts';
import { JPEG, photo } from './testing/uploads.ts';

/** A gateway as it runs: a process with its configuration in the environment. */
function startProcess(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url))], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const exited = once(child, 'exit').then(([code]: unknown[]) => code);
  const url = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const listening = /"url":"([^"]+)"/.exec(line)?.[1];
      if (listening !== undefined) resolve(listening);
    });
    void exited.then((code) => reject(new Error(`exited with ${String(code)}: ${errors}`)));
  });
  url.catch(() => undefined); // A test that expects no start does not await it.
  return { child, url, exited, lines, errors: () => errors };
}

test('without configuration it names every missing variable and exits with 78', async () => {
  const gateway = startProcess({});
  expect(await gateway.exited).toBe(78);
  for (const name of ['REQUEST_QUEUE_URL', 'INPUT_BUCKET', 'OUTPUT_BUCKET', 'STATE_BUCKET'])
    expect(gateway.errors()).toContain(`${name} is not set`);
});

describe('on a cloud', () => {
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

  /** A stand-in for a worker, for one request. */
  async function answerNext() {
    const queue = cloud.sqs.queue(env['REQUEST_QUEUE_URL'] ?? '');
    const [message] = await queue.receive({
      maxMessages: 1,
      waitSeconds: 20,
      visibilityTimeoutSeconds: 30,
    });
    const decoded = decodeRequestMessage(message?.body ?? '');
    if (message === undefined || decoded.kind === 'malformed') throw new Error('no request came');
    const request = decoded.value;
    const image = await cloud.s3.store('gateway-input').get(request.imageKey);
    const result = succeeded({ id: request.requestId });
    await cloud.s3
      .store('gateway-output')
      .put(resultKey(result.id), encodeStoredResult(result), { contentType: 'application/json' });
    const reply = { body: encodeReplyMessage({ v: 1, result }) };
    const replied = await cloud.sqs.sender.send(request.replyTo ?? '', reply);
    await queue.ack(message.receipt);
    return { request, image, replied };
  }

  const post = (url: string, headers: Record<string, string> = {}) => {
    const { contentType, body } = photo(JPEG, 'Zürich.jpg');
    return fetch(url, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: { 'content-type': contentType, ...headers },
    });
  };

  test('an image goes in and its label comes out; at the end the reply queue is gone, and the log names the request', async () => {
    const gateway = startProcess(env);
    const url = await gateway.url;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);

    const [answer, { request, image, replied }] = await Promise.all([post(url), answerNext()]);
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
      answerNext(),
    ]);
    expect(await later.json()).toMatchObject({ status: 'succeeded', label: 'shower curtain' });

    const waiting = post(url);
    const waitingRequests = async () =>
      (await cloud.sqs.queue(env['REQUEST_QUEUE_URL'] ?? '').depth()).visible;
    await expect.poll(waitingRequests).toBe(1);
    gateway.child.kill('SIGTERM');
    expect((await waiting).status).toBe(202);
    expect(await gateway.exited).toBe(0);
    expect((await answerNext()).replied).toBe('queue-gone');
    const accepted = gateway.lines.find((line) => line.includes('"accepted"'));
    expect(accepted).toContain(`"requestId":"${request.requestId}"`);
  });

  test('where the queue service cannot be reached it says so and exits with 69', async () => {
    const gateway = startProcess({ ...env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
    expect(await gateway.exited).toBe(69);
    expect(gateway.errors()).toMatch(/^The reply queue cannot be made/);
  });
});
