import { EXIT } from '@labelfleet/runtime';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildApps } from './build.ts';

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
    says: `is in use. Set another; 0 is any free port.`,
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
    says: 'none: there is no model (no manifest.json that can be read)',
    code: EXIT.noInput,
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
