import { startTestCloud } from '@labelfleet/aws/testing';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labelfleet-keys-'));
  file = join(folder, 'keys.json');
});
afterEach(() => rm(folder, { recursive: true }));

async function keys(args: string[], env: Record<string, string> = { API_KEYS_FILE: file }) {
  const script = join(import.meta.dirname, 'keys.ts');
  const child = spawn(process.execPath, [script, ...args], { cwd: folder, env });
  const exited = new Promise((resolve) => child.on('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await exited, stdout, stderr };
}

const stored = async () =>
  (JSON.parse(await readFile(file, 'utf8')) as { keys: Record<string, unknown>[] }).keys;

test('add prints a key once and stores its hash, list shows it, revoke removes it', async () => {
  const limits = ['--images-per-minute', '60', '--daily-budget-usd', '2.50', '--expires', '90d'];
  const added = await keys(['add', 'shop', ...limits]);
  expect(added).toMatchObject({ code: 0, stderr: expect.stringContaining('now') as string });
  const [, id = '', secret = ''] = /^lf_([0-9a-f]{10})_([\w-]{43})\n$/.exec(added.stdout) ?? [];
  expect(await stored()).toEqual([
    {
      id,
      sha256: createHash('sha256').update(secret).digest('hex'),
      caller: 'shop',
      imagesPerMinute: 60,
      dailyBudgetUsd: 2.5,
      expiresAt: expect.any(String) as string,
    },
  ]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await keys(['list'])).stdout).toMatch(
    new RegExp(`^${id}\tshop\t60 images a minute, 2.5 USD a day\texpires \\d{4}-.*Z\n$`),
  );
  expect((await keys(['revoke', id])).code).toBe(0);
  expect(await stored()).toEqual([]);
});

test('a caller may have two keys, and a link to the file stays a link', async () => {
  await writeFile(join(folder, 'real.json'), '{"keys": []}');
  await symlink('real.json', file);
  const first = await keys(['add', 'shop']);
  await keys(['add', 'shop']);
  const third = await keys(['add', 'shop']);
  expect([third.code, third.stdout]).toEqual([64, '']);
  expect(third.stderr).toContain('shop has 2 keys already');
  expect((await keys(['revoke', first.stdout.trim()])).code).toBe(0);
  expect((await keys(['add', 'shop'])).code).toBe(0);
  expect(await readFile(join(folder, 'real.json'), 'utf8')).toBe(await readFile(file, 'utf8'));
  expect(await stored()).toHaveLength(2);
});

test('a file that is not given, faulty or not writable is named and left as it is', async () => {
  const nothing = await keys(['list'], {});
  expect(nothing).toMatchObject({ code: 64, stdout: '' });
  expect(nothing.stderr).toContain('Set API_KEYS_FILE, or give --file');
  expect((await keys(['revoke', 'k1'])).stderr).toContain('The file has no keys.');
  await writeFile(file, '{"keys": [{}]}');
  const faulty = await keys(['add', 'shop']);
  expect(faulty).toMatchObject({ code: 78, stdout: '' });
  expect(faulty.stderr).toContain('keys[0].id: ');
  expect(await readFile(file, 'utf8')).toBe('{"keys": [{}]}');
  const nowhere = await keys(['add', 'shop', '--file', join(folder, 'none/keys.json')]);
  expect(nowhere).toMatchObject({ code: 73, stdout: '' });
});

test('keys in a bucket are changed by all who add some at the same time', async () => {
  await using cloud = await startTestCloud();
  await cloud.createBucket('state');
  const env = { ...cloud.environment, API_KEYS_FILE: 's3://state/access/api-keys.json' };
  const added = await Promise.all(['shop', 'press', 'shop'].map((who) => keys(['add', who], env)));
  expect(added.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(added[0]?.stderr).toContain('accept it within 10 s');
  const listed = await keys(['list'], env);
  for (const { stdout } of added) {
    expect(listed.stdout).toContain(/^lf_([0-9a-f]+)_/.exec(stdout)?.[1] ?? 'no id');
  }
  const third = await keys(['add', 'shop'], env);
  expect(third).toMatchObject({ code: 64, stdout: '' });
  expect((await keys(['revoke', added[0]?.stdout.trim() ?? ''], env)).code).toBe(0);
  expect((await keys(['list'], env)).stdout.split('\n')).toHaveLength(3);
  const nowhere = await keys(['list', '--file', 's3://absent/keys.json'], env);
  expect(nowhere).toMatchObject({ code: 69, stdout: '' });
});

test('--help prints the usage', async () => {
  expect((await keys(['--help'])).stdout).toContain('npm run keys -- add CALLER');
});
