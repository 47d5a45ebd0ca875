import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import {
  decodeRequestMessage,
  encodeStoredResult,
  imageKey,
  makeProblem,
  makeRequestId,
  resultKey,
  type ProblemCode,
  type StoredResult,
} from '@labelfleet/contracts';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';

let cloud: TestCloud;
let folder: string;
let environment: Record<string, string>;
beforeAll(async () => {
  [cloud, folder] = await Promise.all([
    startTestCloud(),
    mkdtemp(join(tmpdir(), 'labelfleet-resubmit-')),
  ]);
  for (const bucket of ['input', 'output']) await cloud.createBucket(bucket);
  environment = {
    ...cloud.environment,
    REQUEST_QUEUE_URL: await cloud.createQueue('requests'),
    INPUT_BUCKET: 'input',
    OUTPUT_BUCKET: 'output',
  };
});
afterAll(async () => {
  await cloud[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function resubmit(id: string, env = environment) {
  const script = join(import.meta.dirname, 'resubmit.ts');
  const { PATH } = process.env;
  const child = spawn(process.execPath, [script, id], { cwd: folder, env: { PATH, ...env } });
  const exited = new Promise((resolve) => child.on('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await exited, stdout, stderr };
}

const someId = () => makeRequestId(Date.UTC(2026, 0, 1), randomBytes(10));
const times = { submittedAt: '2026-01-01T00:00:00.000Z', completedAt: '2026-01-01T00:05:00.000Z' };

const failed = (id: string, code: ProblemCode): StoredResult => ({
  ...{ v: 1, id, fileName: 'Köln.jpg', ...times, attempts: 3, status: 'failed' },
  problem: makeProblem(code, id, 'of this one'),
});
const succeeded = (id: string): StoredResult => ({
  ...{ v: 1, id, ...times, attempts: 1, status: 'succeeded', label: 'ox' },
  predictions: [{ label: 'ox', score: 1, classIndex: 0 }],
  model: { name: 'm', version: '1', sha256: 'ab' },
  timings: { queuedMs: 0, fetchMs: 0, decodeMs: 0, inferMs: 0, totalMs: 0 },
});

const putImage = (id: string) =>
  cloud.s3.store('input').put(imageKey(id, 'Köln.jpg'), 'an image', {
    contentType: 'image/jpeg',
    metadata: { 'file-name': 'K%C3%B6ln.jpg' },
  });
const putResult = (result: StoredResult) =>
  cloud.s3
    .store('output')
    .put(resultKey(result.id), encodeStoredResult(result), { contentType: 'application/json' });

it('resubmits the image of a failed request as a new request, and does not change the old one', async () => {
  const id = someId();
  await putImage(id);
  await putResult(failed(id, 'attempts-exhausted'));
  // npm start writes this file; the variables set below belong to another cloud.
  await mkdir(join(folder, 'data'));
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(folder, 'data', 'local.env'), lines.join(''));

  const { code, stdout, stderr } = await resubmit(id, {
    ...{ LABELFLEET_DATA_DIR: 'data', AWS_PROFILE: 'work', AWS_ACCESS_KEY_ID: 'other' },
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9/',
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [newId = '', link] = stdout.trimEnd().split('\t');
  expect(newId).not.toBe(id);
  expect(link).toBe(`/v1/classifications/${newId}`);

  const queue = cloud.sqs.queue(environment.REQUEST_QUEUE_URL ?? '');
  const [message] = await queue.receive({
    ...{ maxMessages: 1, waitSeconds: 5, visibilityTimeoutSeconds: 30 },
  });
  const key = imageKey(newId, 'Köln.jpg');
  expect(decodeRequestMessage(message?.body ?? '')).toEqual({
    kind: 'decoded',
    value: {
      ...{ v: 1, requestId: newId, imageKey: key, fileName: 'Köln.jpg', topK: 5 },
      submittedAt: expect.any(String) as string,
    },
  });
  const image = await cloud.s3.store('input').get(key);
  expect(new TextDecoder().decode(image?.body)).toBe('an image');
  expect(image).toMatchObject({
    contentType: 'image/jpeg',
    metadata: { 'file-name': 'K%C3%B6ln.jpg' },
  });
  expect(await cloud.s3.store('output').get(resultKey(newId))).toBeNull();
  expect(await cloud.s3.store('output').get(resultKey(id))).not.toBeNull();
});

it.each<[string, (id: string) => Promise<unknown>, RegExp]>([
  ['does not exist', async () => undefined, /There is no request with this id/],
  ['is not completed', putImage, /not completed yet/],
  ['succeeded', async (id) => putResult(succeeded(id)), /The request succeeded \(ox\)/],
  [
    'has lost its image',
    async (id) => putResult(failed(id, 'image-missing')),
    /image is not in the input bucket any more/,
  ],
])('refuses a request that %s, and says why', async (_, prepare, why) => {
  const id = someId();
  await prepare(id);
  const { code, stdout, stderr } = await resubmit(id);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(why);
});

it.each([
  ['no request id', 'photo.jpg', {}, 64, /photo\.jpg is not a request id/],
  [
    'no queue URL',
    someId(),
    { REQUEST_QUEUE_URL: '', LABELFLEET_DATA_DIR: 'elsewhere' },
    78,
    /^REQUEST_QUEUE_URL is not set, and elsewhere\/local\.env cannot be read\. Is npm start running/,
  ],
])('exits without a request when it has %s', async (_, id, variables, exitCode, why) => {
  const { code, stderr } = await resubmit(id, { ...environment, ...variables });
  expect(code).toBe(exitCode);
  expect(stderr).toMatch(why);
});

it('says that the cloud cannot be reached, and why', async () => {
  const { code, stderr } = await resubmit(someId(), {
    ...environment,
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9/',
  });
  expect(stderr).toMatch(/^\w+ failed: Nothing listens at that address and port\./);
  expect(code).toBe(69);
});
