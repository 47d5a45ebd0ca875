import { embeddedModelDir } from '@labelfleet/inference';
import { exampleModels } from '@labelfleet/inference/testing';
import { EXIT } from '@labelfleet/runtime';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { buildApps } from './build.ts';

// Each starts a process that loads the product and opens the model.
vi.setConfig({ testTimeout: 30_000 });

const MAIN = join(import.meta.dirname, 'main.ts');
const server = createServer();
let usedPort: string;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-stack-main-'));
  await writeFile(join(folder, 'file'), '');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  usedPort = String((server.address() as AddressInfo).port);
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** Starts a stack that cannot start; by default only its folder and ports are right. */
const start = (env: Record<string, string>) =>
  new Promise<{ code: unknown; stderr: string }>((resolve) => {
    const { PATH = '' } = process.env;
    const usable = { PORT: '0', LOCAL_CLOUD_PORT: '0', LABELFLEET_DATA_DIR: join(folder, 'data') };
    execFile(
      process.execPath,
      [MAIN],
      { env: { PATH, ...usable, ...env } },
      (error, _stdout, stderr) => {
        resolve({ code: error?.code, stderr });
      },
    );
  });

test.each([
  {
    of: 'a variable that makes no sense',
    env: () => ({ PORT: 'http' }),
    says: 'PORT=http: must be a whole number',
    code: EXIT.config,
  },
  {
    of: 'a port in use',
    env: () => ({ PORT: usedPort }),
    says: `is in use. Set another; 0 means any free port.`,
    code: EXIT.unavailable,
  },
  {
    of: "the local cloud's port in use",
    env: () => ({ LOCAL_CLOUD_PORT: usedPort }),
    says: 'LOCAL_CLOUD_PORT=',
    code: EXIT.unavailable,
  },
  {
    of: 'a missing model',
    env: () => ({ MODEL_DIR: join(folder, 'none') }),
    says: 'none cannot be used: The model',
    code: EXIT.config,
  },
  {
    of: 'a variable of the worker',
    env: () => ({ MAX_ATTEMPT_SECONDS: 'long' }),
    says: 'MAX_ATTEMPT_SECONDS=long: must be a number of seconds',
    code: EXIT.config,
  },
  {
    of: 'a variable of the scaler',
    env: () => ({ SCALING_POLICY: 'magic' }),
    says: 'SCALING_POLICY=magic: ',
    code: EXIT.config,
  },
  {
    of: 'a variable of the gateway',
    env: () => ({ MAX_IMAGE_BYTES: '-1' }),
    says: 'MAX_IMAGE_BYTES=-1: must be a whole number',
    code: EXIT.config,
  },
  {
    of: 'a variable of all of them',
    env: () => ({ LOG_LEVEL: 'loud' }),
    says: 'LOG_LEVEL=loud: ',
    code: EXIT.config,
  },
  {
    of: 'a demanded precision of a model without a calibration table',
    env: () => ({ MIN_PRECISION: '0.9', MODEL_DIR: exampleModels.anySize }),
    says: 'MIN_PRECISION=0.9: the model any-size/1 has no calibration table.',
    code: EXIT.config,
  },
  {
    of: 'a folder that cannot be written',
    env: () => ({ LABELFLEET_DATA_DIR: join(folder, 'file') }),
    says: 'LABELFLEET_DATA_DIR: Error: ENOTDIR',
    code: EXIT.cannotCreate,
  },
])('$of: one clear line and its exit code', async ({ env, says, code }) => {
  const result = await start(env());
  expect(result.stderr).toContain(says);
  expect(result.stderr.trimEnd().split('\n')).toHaveLength(code === EXIT.config ? 2 : 1);
  expect(result.code).toBe(code);
});

test('a build that fails says so with the end of its output', async () => {
  const log = join(folder, 'build.log');
  const building = buildApps(folder, log, process.env, new AbortController().signal);
  await expect(building).rejects.toThrow(`The build failed. Its output is ${log}\n`);
});

test('a model directory with one label too many: one clear line, and nothing is started', async () => {
  const modelDir = join(folder, 'model');
  await cp(embeddedModelDir, modelDir, { recursive: true });
  await appendFile(join(modelDir, 'labels.txt'), 'one too many\n');
  const result = await start({ MODEL_DIR: modelDir, LABELFLEET_DATA_DIR: join(folder, 'unused') });
  expect(result.stderr).toContain(`MODEL_DIR=${modelDir} cannot be used: `);
  expect(result.code).toBe(EXIT.config);
  await expect(readdir(join(folder, 'unused/logs'))).resolves.not.toContain('local-cloud.log');
});

test('every fault of every app is named at once', async () => {
  const { stderr } = await start({ TICK_SECONDS: 'x', SLOTS: 'x', REPLY_TIMEOUT_SECONDS: 'x' });
  for (const name of ['TICK_SECONDS', 'SLOTS', 'REPLY_TIMEOUT_SECONDS'])
    expect(stderr).toContain(`${name}=x: `);
});
