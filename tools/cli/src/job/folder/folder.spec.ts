import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import type { ObjectStore } from '@labelfleet/aws/store';
import { keyFilter } from '@labelfleet/jobs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { prefixOf, storeManifest, storeUserManifest } from './manifest.ts';
import { scanFolder } from './scan-folder.ts';
import { uploadImages } from './upload-images.ts';

let cloud: TestCloud;
beforeAll(async () => void (cloud = await startTestCloud()));
afterAll(() => cloud[Symbol.asyncDispose]());

let folder: string;
let store: ObjectStore;
let buckets = 0;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'job-folder-')), 'Holiday 2026');
  onTestFinished(() => rm(dirname(folder), { recursive: true }));
  await cloud.createBucket(`input-${++buckets}`);
  store = cloud.s3.store(`input-${buckets}`);
});

async function write(files: Record<string, string>) {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

const everything = () => true;

async function upload(more: Partial<Parameters<typeof uploadImages>[1]> = {}) {
  const { images } = await scanFolder(folder, everything);
  const signal = new AbortController().signal;
  const deps = { store, folder, prefix: prefixOf(folder), signal, onProgress: () => undefined };
  return await uploadImages(images, { ...deps, ...more });
}

test('finds the images of a folder and says what is left out', async () => {
  await write({ 'b.JPG': 'b', 'sub/a.png': 'aa', 'notes.txt': '', 'x.heic': '', 'y.heic': '' });
  await write({ '.hidden.jpg': '', README: '' });
  await symlink('nowhere', join(folder, 'broken.jpg'));
  const scanned = await scanFolder(folder, everything);
  expect(scanned.images).toEqual([
    { path: 'b.JPG', bytes: 1 },
    { path: 'sub/a.png', bytes: 2 },
  ]);
  expect(scanned.failed).toEqual([
    { path: 'broken.jpg', detail: 'There is no such file or folder. Check the path.' },
  ]);
  expect(Object.fromEntries(scanned.leftOut)).toEqual({ '.txt': 1, '.heic': 2, none: 1 });
});

test('finds only the images that are wanted, by their paths in the folder', async () => {
  await write({ 'a.jpg': '', 'sub/b.jpg': '', 'sub/c.png': '' });
  const wants = keyFilter({ include: ['sub/*'], exclude: ['*.png'] });
  const { images } = await scanFolder(folder, wants);
  expect(images.map(({ path }) => path)).toEqual(['sub/b.jpg']);
});

test.each([
  ['missing', 'There is no such file or folder'],
  ['a.jpg', 'is a file. Give a folder'],
])('refuses %s, which is no folder', async (name, text) => {
  await write({ 'a.jpg': '' });
  await expect(scanFolder(join(folder, name), everything)).rejects.toThrow(text);
});

test('uploads every image under its path, and no image twice', async () => {
  await write({ 'a.jpg': 'a', 'Bär & 日本/ b+c.png': 'b' });
  const prefix = prefixOf(folder);
  expect(prefix).toMatch(/^uploads\/Holiday_2026-[0-9a-f]{12}\/$/);
  const first = await upload();
  expect(first).toMatchObject({ sent: 2, failed: [] });
  expect(first.images.map(({ key }) => key)).toEqual([
    `${prefix}a.jpg`,
    `${prefix}Bär & 日本/ b+c.png`,
  ]);
  for (const { key, path } of first.images)
    expect(Buffer.from((await store.get(key))!.body).toString()).toBe(path === 'a.jpg' ? 'a' : 'b');

  await write({ 'c.jpg': 'c' });
  expect(await upload()).toMatchObject({ sent: 1 });
});

test('uploads an image again that has changed but not its size', async () => {
  await write({ 'a.tiff': 'one' });
  await upload();
  await write({ 'a.tiff': 'two' });
  const { images, sent } = await upload();
  expect(sent).toBe(1);
  expect(Buffer.from((await store.get(images[0]!.key))!.body).toString()).toBe('two');
});

test('continues where it broke off', async () => {
  await write(Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`${n}.jpg`, `${n}`])));
  const stop = new AbortController();
  const put = vi.fn<ObjectStore['put']>((...args) => {
    if (put.mock.calls.length === 50) stop.abort(new Error('Ctrl-C'));
    return store.put(...args);
  });
  const listObjects = store.listObjects.bind(store);
  const broken = upload({ store: { put, listObjects }, signal: stop.signal });
  await expect(broken).rejects.toThrow('Ctrl-C');
  // The puts under way still end.
  await vi.waitUntil(async () => (await store.list(prefixOf(folder), 1000)).length >= 50, 10_000);
  const { sent, images } = await upload();
  expect(sent).toBeLessThanOrEqual(50);
  expect(images).toHaveLength(100);
});

test('names the images that cannot be uploaded, and uploads the others', async () => {
  await write({ 'a.jpg': 'a', 'b.jpg': 'b' });
  const long = `${'x'.repeat(240)}/`.repeat(4);
  await write({ [`${long}c.jpg`]: 'c', [`${long}${'y'.repeat(60)}.jpg`]: 'c' });
  await chmod(join(folder, 'b.jpg'), 0);
  const { images, failed } = await upload();
  // root may read every file.
  const unreadable = process.getuid?.() === 0 ? [] : ['b.jpg'];
  expect(failed.map(({ path }) => path).sort()).toEqual(
    [...unreadable, `${long}${'y'.repeat(60)}.jpg`].sort(),
  );
  expect(failed.at(-1)?.detail).toContain('longer than the 1,024 bytes of S3');
  expect(images.map(({ path }) => path)).toContain('a.jpg');
});

test('reports its progress in bytes, large images included', async () => {
  await write({ 'a.jpg': 'aa', 'b.jpg': 'x'.repeat(9 * 1024 ** 2) });
  const done: number[] = [];
  await upload({ onProgress: (bytes) => done.push(bytes) });
  expect(done).toEqual([2, 2 + 9 * 1024 ** 2]);
});

const lines = async (address: string) => {
  const key = address.replace(`s3://${store.bucket}/`, '');
  const text = Buffer.from((await store.get(key))!.body).toString();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
};

test('a manifest names the images of the folder, and has the same address while they are the same', async () => {
  await write({ 'a.jpg': 'a', 'sub/"b".jpg': 'b' });
  const prefix = prefixOf(folder);
  const store1 = async () => storeManifest((await upload()).images, prefix, store);
  const first = await store1();
  expect(await lines(first)).toEqual([
    { key: `s3://${store.bucket}/${prefix}a.jpg`, id: 'a.jpg' },
    { key: `s3://${store.bucket}/${prefix}sub/"b".jpg`, id: 'sub/"b".jpg' },
  ]);
  expect(first.startsWith(`s3://${store.bucket}/uploads/`)).toBe(true);
  expect(first.startsWith(`s3://${store.bucket}/${prefix}`)).toBe(false);
  expect(await store1()).toBe(first);

  await write({ 'a.jpg': 'b' });
  const second = await store1();
  expect(second).not.toBe(first);
  // A job that reads the first one goes on.
  expect(await lines(first)).toHaveLength(2);
});

test("a user's manifest is stored as it is", async () => {
  const text = '{"key":"s3://photos/a.jpg"}\n';
  const address = await storeUserManifest('lists/My list.jsonl', Buffer.from(text), store);
  expect(address).toMatch(/\/uploads\/manifests\/My_list-[0-9a-f]{32}\.jsonl$/);
  expect(await lines(address)).toEqual([{ key: 's3://photos/a.jpg' }]);
});
