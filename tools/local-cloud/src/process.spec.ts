import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';

import { RestartableCloud } from '@labelfleet/testkit/restartable-cloud';
import { createBucket } from '@labelfleet/testkit/test-bucket';
import { launchOne } from '@labelfleet/testkit/test-instances';
import { identify } from './ec2/processes/process-identity.ts';

/** Prints its pid and that of a child process, and keeps running. */
const FAMILY = `
  const child = require('node:child_process').spawn('sleep', ['1000']);
  console.log(JSON.stringify([process.pid, child.pid]));
  setInterval(() => {}, 1e6);`;
const images = { 'ami-family': { command: [process.execPath, '-e', FAMILY] } };

/** Launches an instance. @returns the pids of its processes */
async function launch({ clients, dataDir }: RestartableCloud): Promise<number[]> {
  const id = await launchOne({ ec2: clients.ec2, imageId: 'ami-family' });
  const log = join(dataDir, 'logs', `${id}.log`);
  return vi.waitFor(async () => JSON.parse(await readFile(log, 'utf8')) as number[], {
    timeout: 10_000,
    interval: 10,
  });
}

const alive = (pids: readonly number[]) => pids.filter((pid) => identify(pid) !== undefined);

const untilGone = (pids: readonly number[]) =>
  vi.waitFor(() => expect(alive(pids)).toEqual([]), { timeout: 10_000, interval: 10 });

test('ends the whole process group of every instance at a stop', async () => {
  await using cloud = await RestartableCloud.start({ images, storage: 'memory' });
  const pids = await launch(cloud);
  expect(alive(pids)).toEqual(pids);
  await cloud.stop();
  await untilGone(pids);
  expect(await readdir(join(cloud.dataDir, 'processes'))).toEqual([]);
});

test('stops at the end of its standard input', async () => {
  await using cloud = await RestartableCloud.start({ images, storage: 'memory' });
  const pids = await launch(cloud);
  cloud.server.stdin?.end();
  const [code] = (await once(cloud.server, 'exit')) as [number];
  expect(code).toBe(0);
  await untilGone(pids);
});

test('ends the processes that SIGKILL left running at the next start, and has its objects again', async () => {
  await using cloud = await RestartableCloud.start({ images, storage: 'memory' });
  const pids = await launch(cloud);
  const bucket = await createBucket(cloud.clients.s3);
  await bucket.put('a/b', { Body: 'x', Metadata: { m: '1' } });
  await cloud.kill();
  expect(alive(pids)).toEqual(pids);

  await cloud.start({ env: { LOG_LEVEL: 'silent' } });
  await untilGone(pids);
  expect((await bucket.head('a/b')).Metadata).toEqual({ m: '1' });
  expect(await bucket.text('a/b')).toBe('x');
});

test.each([
  [
    'a port that is in use',
    ({ endpoint }: RestartableCloud) => ({ LOCAL_CLOUD_PORT: new URL(endpoint).port }),
    /Port \d+ .*in use/,
  ],
  [
    'a data folder that is in use',
    ({ dataDir }: RestartableCloud) => ({ LOCAL_CLOUD_DATA_DIR: dataDir }),
    /in use by process/,
  ],
])('prints one line and exits with 69 for %s', async (_what, override, line) => {
  await using cloud = await RestartableCloud.start({ storage: 'memory' });
  const other = await mkdtemp(join(tmpdir(), 'local-cloud-other-'));
  const child = spawn(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url))], {
    env: { LOCAL_CLOUD_PORT: '0', LOCAL_CLOUD_DATA_DIR: other, ...override(cloud) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (data) => (stderr += String(data)));
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(69);
  expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(line)]);
  await rm(other, { recursive: true });
});

test('lets no other user read or write its data', async () => {
  await using cloud = await RestartableCloud.create({ images });
  await chmod(cloud.dataDir, 0o755); // as an earlier version may have left it
  await cloud.start();
  await launch(cloud);
  const bucket = await createBucket(cloud.clients.s3);
  await bucket.put('k');
  await (await bucket.upload('parts')).put(1, 'x');
  const files = await readdir(cloud.dataDir, { recursive: true });
  expect(files.length).toBeGreaterThan(8);
  for (const file of ['.', ...files]) {
    const { mode } = await stat(join(cloud.dataDir, file));
    expect([file, mode & 0o077]).toEqual([file, 0]);
  }
});
