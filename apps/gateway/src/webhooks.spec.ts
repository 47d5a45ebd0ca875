import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProcess } from './testing/gateway-process.ts';
import { startReceiver } from './testing/receiver.ts';
import { imageForm } from './testing/uploads.ts';

const BUCKETS = { INPUT_BUCKET: 'input', OUTPUT_BUCKET: 'output', STATE_BUCKET: 'state' };

let cloud: TestCloud;
let folder: string;
let env: Record<string, string>;
beforeAll(async () => {
  cloud = await startTestCloud();
  folder = await mkdtemp(join(tmpdir(), 'labelfleet-webhooks-'));
  for (const bucket of Object.values(BUCKETS)) await cloud.createBucket(bucket);
  env = {
    ...cloud.environment,
    ...BUCKETS,
    REQUEST_QUEUE_URL: await cloud.createQueue('requests'),
    WEBHOOK_QUEUE_URL: await cloud.createQueue('webhooks'),
    WEBHOOK_DEAD_LETTER_QUEUE_URL: await cloud.createQueue('webhooks-dead-letters'),
    WEBHOOKS_FILE: join(folder, 'webhooks.json'),
    WEBHOOKS_ALLOW_LOOPBACK: 'true',
    PORT: '0',
  };
});
afterAll(async () => {
  await cloud[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const configure = (...receivers: { name: string; url: string; secrets: string[] }[]) =>
  writeFile(env['WEBHOOKS_FILE'] ?? '', JSON.stringify({ receivers }));

const post = (url: string, headers: Record<string, string>) => {
  const { contentType, body } = imageForm();
  return fetch(`${url}/v1/classifications`, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { 'content-type': contentType, ...headers },
  });
};

test('a gateway sends the webhook of a request that it completes, to a receiver that was added while it ran', async () => {
  await using receiver = await startReceiver();
  await configure();
  await using gateway = startProcess(env);
  const url = await gateway.url;
  const notify = { notify: 'archive' };
  expect((await post(url, notify)).status).toBe(400);

  await configure({ name: 'archive', url: receiver.url, secrets: [receiver.secret] });
  const isKnown = async () =>
    (await post(url, { ...notify, prefer: 'respond-async' })).status === 202;
  await expect.poll(isKnown, { timeout: 10_000 }).toBe(true);
  const response = await post(url, { ...notify, 'x-deadline-seconds': '1' });
  expect(response.status).toBe(504);
  const id = response.headers.get('x-request-id');
  await expect.poll(() => receiver.received.length, { timeout: 10_000 }).toBe(1);
  expect(receiver.received).toMatchObject([
    { id: `classification_${id}`, event: { data: { id, status: 'failed' } } },
  ]);

  await writeFile(env['WEBHOOKS_FILE'] ?? '', 'half a fi');
  const warnings = async () =>
    ((await (await fetch(`${url}/readyz`)).json()) as { warnings?: string[] }).warnings;
  await expect
    .poll(warnings, { timeout: 10_000 })
    .toEqual(['WEBHOOKS_FILE cannot be used, so the receivers stay as they were: it is not JSON']);
  expect(await isKnown()).toBe(true);
});

test('a gateway whose receivers file is faulty does not start', async () => {
  await configure({ name: 'archive', url: 'http://hooks.example/', secrets: ['whsec_'] });
  await using gateway = startProcess(env);
  expect(await gateway.exited).toBe(78);
  expect(gateway.errors()).toContain(`WEBHOOKS_FILE=${env['WEBHOOKS_FILE']}: receivers.0.secrets`);
});
