import { startTestCloud } from '@labelfleet/aws/testing';
import { expectRightLabels, useImages } from '@labelfleet/end-to-end/sent-images';
import { embeddedModelDir } from '@labelfleet/inference';
import { startProcess } from '@labelfleet/testkit/app-process';
import { until } from '@labelfleet/testkit/until';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { elfArch } from './elf.ts';
import { noNamespace } from './namespace.ts';
import { APPS, asUnit, makePacks, packFile, unpack } from './packs.ts';

const AMI = 'ami-0123456789abcdef0';
const foreignArch = process.arch === 'x64' ? 'arm64' : 'x64';

const images = useImages(2);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'packs-'));
  await makePacks(APPS, process.arch);
  await makePacks(['worker'], foreignArch, '--model', embeddedModelDir);
});
afterAll(() => rm(folder, { recursive: true }));

test.skipIf(noNamespace !== undefined)(
  `classify images where nothing is installed ${noNamespace ?? ''}`,
  async () => {
    const command = Object.fromEntries(
      await Promise.all(
        APPS.map(async (app) => [app, asUnit(app, await unpack(app, process.arch, folder))]),
      ),
    ) as Record<(typeof APPS)[number], string[]>;
    await using cloud = await startTestCloud({ images: { [AMI]: { command: command.worker } } });
    for (const bucket of ['input', 'output', 'state']) await cloud.createBucket(bucket);
    const environment = {
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: cloud.endpoint,
      REQUEST_QUEUE_URL: await cloud.createQueue('requests'),
      FLEET_EVENT_QUEUE_URL: await cloud.createQueue('events'),
      INPUT_BUCKET: 'input',
      OUTPUT_BUCKET: 'output',
      STATE_BUCKET: 'state',
      POLL_SECONDS: '1',
    };
    const template = await cloud.createWorkerTemplate(AMI, environment);
    // The shell that prepares the namespace needs a PATH, and removes it.
    const { PATH } = process.env;
    const shared = { PATH, ...cloud.environment, ...environment, PORT: '0', METRICS_PORT: '0' };
    await using gateway = startProcess(command.gateway, shared);
    await using scaler = startProcess(command.scaler, {
      ...shared,
      DEAD_LETTER_QUEUE_URL: await cloud.createQueue('dead'),
      WORKER_LAUNCH_TEMPLATE: template.name,
      MAX_WORKERS: '1',
      TICK_SECONDS: '0.5',
    });
    for (const app of [gateway, scaler]) {
      const health = await fetch(new URL('/healthz', await app.url));
      expect(health.status).toBe(200);
    }
    const url = await gateway.url;
    await until('the gateway is ready', async () => (await fetch(new URL('/readyz', url))).ok, {
      timeoutMs: 20_000,
    });
    await expectRightLabels(url, images, { concurrency: 2 });
  },
);

test('a pack for another architecture has only its binaries', async () => {
  const unpacked = await unpack('worker', foreignArch, folder);
  const paths = await readdir(unpacked, { recursive: true, withFileTypes: true });
  const files = paths.filter((path) => path.isFile());
  const archs = await Promise.all(files.map((at) => elfArch(join(at.parentPath, at.name))));
  const binaries = files.filter((_, index) => archs[index] !== undefined).map(({ name }) => name);
  expect(new Set(archs.filter((arch) => arch !== undefined))).toEqual(new Set([foreignArch]));
  // Node, onnxruntime and its binding, libvips and sharp.
  expect(binaries.toSorted()).toEqual([
    expect.stringMatching(/^libonnxruntime\.so/),
    expect.stringMatching(/^libvips-cpp\.so/),
    'node',
    'onnxruntime_binding.node',
    expect.stringMatching(/^sharp-linux-.*\.node$/),
  ]);
});

test('users other than root can read everything in a pack and execute its Node', async () => {
  const unpacked = await unpack('worker', process.arch, folder);
  for (const path of await readdir(unpacked, { recursive: true, withFileTypes: true })) {
    const { mode } = await stat(join(path.parentPath, path.name));
    const executable = path.isDirectory() || path.name === 'node';
    const needed = executable ? 0o5 : 0o4;
    expect([path.name, mode & needed]).toEqual([path.name, needed]);
  }
});

test('a pack has the model that it was given', async () => {
  const unpacked = await unpack('worker', foreignArch, folder);
  expect(await readdir(join(unpacked, 'model'))).toEqual(await readdir(embeddedModelDir));
});

test('making a pack again gives the same bytes', async () => {
  const read = () => readFile(`${packFile('gateway', process.arch)}.sha256`, 'utf8');
  const first = await read();
  await makePacks(['gateway'], process.arch);
  expect(await read()).toBe(first);
});
