import { EXIT } from '@labelfleet/runtime';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLabelServer } from './testing/label-server.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
let folder: string;
let closedPort: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loadgen-main-'));
  await writeFile(join(folder, 'a.jpg'), 'an image');
  await using server = await startLabelServer(() => undefined);
  closedPort = server.url.href;
});
afterAll(() => rm(folder, { recursive: true }));

const loadgen = (args: string[], env = process.env) =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });

test('exits with 0 when every label is right', async () => {
  await using server = await startLabelServer((_, response) => void response.end('cat'));
  const { code, stdout } = await loadgen(['--url', server.url.href, '--images', folder]);
  expect(stdout).toMatch(/^a.jpg\tcat\t\d+ ms\n\n1 requests in /);
  expect(code).toBe(0);
});

test('connects to this machine without the proxy of the environment', async () => {
  await using server = await startLabelServer((_, response) => void response.end('cat'));
  const proxied = { ...process.env, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: closedPort, NO_PROXY: '' };
  const args = ['--url', server.url.href, '--images', folder];
  expect(await loadgen(args, { ...proxied, no_proxy: '' })).toMatchObject({ code: 0, stderr: '' });
});

test('exits with 1 when an answer is missing', async () => {
  await using server = await startLabelServer((_, response) => void response.writeHead(500).end());
  expect((await loadgen(['--url', server.url.href, '--images', folder])).code).toBe(1);
});

test.each([
  { of: 'no command line', args: () => [], says: '--url is missing', code: EXIT.usage },
  {
    of: 'a folder that is not there',
    args: () => ['--url', closedPort, '--images', join(folder, 'none')],
    says: 'none cannot be read: There is no such file or folder. Check the path.',
    code: EXIT.noInput,
  },
  {
    of: 'a folder without images',
    args: () => ['--url', closedPort, '--images', import.meta.dirname],
    says: 'There is no image in',
    code: EXIT.noInput,
  },
  {
    of: 'a refused connection',
    args: () => ['--url', closedPort, '--images', folder],
    says: 'cannot be reached: Nothing listens at that address and port. Check that the server runs.',
    code: EXIT.unavailable,
  },
  {
    of: 'an output that cannot be written',
    args: () => ['--url', closedPort, '--images', folder, '--output', join(folder, 'no', 'o.csv')],
    says: 'o.csv: There is no such file or folder. Check the path.',
    code: EXIT.cannotCreate,
  },
  {
    of: 'an image without an expected label',
    args: () => ['--url', closedPort, '--images', folder, '--expect', '/dev/null'],
    says: 'has no label for 1 of the 1 images, such as a.jpg',
    code: EXIT.noInput,
  },
])('exits with $code and one message: $of', async ({ args, says, code }) => {
  const result = await loadgen(args());
  expect(result.stderr).toContain(says);
  expect(result.stderr).not.toContain('    at ');
  expect(result.code).toBe(code);
});
