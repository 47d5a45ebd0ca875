import { until } from '@labelfleet/testkit/until';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { startProduct, type Product } from './start-product.ts';

vi.setConfig({ testTimeout: 120_000 });

/** What process managers and containers wait before they kill. */
const STOPPED = { timeoutMs: 10_000 };
const IMAGE = join(import.meta.dirname, '../../../../examples/ladybug.jpg');
const LAST_LINE = 'Stopped, nothing left running.';

/** Sends an image, so that there is a worker. */
async function classify({ variable }: Product): Promise<void> {
  const body = await readFile(IMAGE);
  const headers = { 'content-type': 'image/jpeg' };
  expect((await fetch(variable('GATEWAY_URL'), { method: 'POST', body, headers })).status).toBe(
    200,
  );
}

const nothingRuns = async (stack: Product) => !(await stack.isRunning());
const stopped = (stack: Product) =>
  until('nothing of the stack runs', () => nothingRuns(stack), STOPPED);

test.each([
  { signal: 'SIGTERM', to: 'npm', folder: 'there' },
  { signal: 'SIGTERM', to: 'npm', folder: 'deleted' },
  { signal: 'SIGINT', to: 'npm', folder: 'there' },
  { signal: 'SIGINT', to: 'npm', folder: 'deleted' },
  { signal: 'SIGHUP', to: 'npm', folder: 'there' },
  { signal: 'SIGKILL', to: 'npm', folder: 'there' },
  { signal: 'SIGKILL', to: 'npm', folder: 'deleted' },
  { signal: 'SIGTERM', to: 'node', folder: 'there' },
  { signal: 'SIGINT', to: 'node', folder: 'there' },
  { signal: 'SIGHUP', to: 'node', folder: 'deleted' },
  { signal: 'SIGKILL', to: 'node', folder: 'deleted' },
] as const)(
  'leaves nothing running 10 s after $signal to $to, without a terminal, its data folder $folder',
  async ({ signal, to, folder }) => {
    await using stack = await startProduct('npm');
    await classify(stack);
    if (folder === 'deleted') await rm(stack.dataDir, { recursive: true });
    if (to === 'npm') stack.child.kill(signal);
    else process.kill(stack.starterPid, signal);
    await stopped(stack);
    await stack.ended;
    if (to === 'npm' || signal !== 'SIGKILL') expect(stack.output()).toContain(LAST_LINE);
  },
);

test('one Ctrl-C on a terminal drains and stops, though it comes from npm too', async () => {
  await using stack = await startProduct('npm on a terminal');
  await classify(stack);
  stack.child.stdin?.write('\u0003');
  await stopped(stack);
  expect(await stack.ended).toBe(0);
  expect(stack.output()).toContain(LAST_LINE);
});

test('leaves nothing running when its terminal is closed', async () => {
  await using stack = await startProduct('npm on a terminal');
  await classify(stack);
  stack.child.kill('SIGKILL');
  await stopped(stack);
});

test('a second signal leaves at once and leaves nothing, though a caller waits', async () => {
  const longDrain = { DRAIN_TIMEOUT_SECONDS: '100', LOCAL_BOOT_SECONDS: '100' };
  await using stack = await startProduct('npm', longDrain);
  const waiting = classify(stack).catch(() => 'cut off');
  await until('the image waits', async () => stack.output().includes('1 booting'), STOPPED);
  stack.child.kill('SIGTERM');
  await until('it stops', async () => stack.output().includes('Stopping'), STOPPED);
  const again = async () => {
    if (await nothingRuns(stack)) return true;
    stack.child.kill('SIGTERM');
    return false;
  };
  await until('nothing runs after more signals', again, STOPPED);
  expect(await stack.ended).toBe(143);
  expect(await waiting).toBe('cut off');
});

test('what it writes is for its owner alone', async () => {
  await using stack = await startProduct('npm');
  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
  expect(await modeOf(stack.dataDir)).toBe(0o700);
  expect(await modeOf(join(stack.dataDir, 'local.env'))).toBe(0o600);
});
