import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import type { ObjectStore } from '@labelfleet/aws/store';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { changeStoredFile, readStoredFile } from './stored-file.ts';

let cloud: TestCloud;
let bucket: ObjectStore;
beforeAll(async () => {
  cloud = await startTestCloud();
  await cloud.createBucket('state');
  bucket = cloud.s3.store('state');
});
afterAll(() => cloud[Symbol.asyncDispose]());
beforeEach(() => bucket.delete('list'));

const json = { contentType: 'application/json' };
const append = (word: string) => (text: string | undefined) => [text ?? [], word].flat().join(' ');
const read = async () => (await readStoredFile(bucket, 'list'))?.text;

test('makes the first version and changes it', async () => {
  await changeStoredFile(bucket, 'list', append('one'));
  await changeStoredFile(bucket, 'list', append('two'));
  expect(await read()).toBe('one two');
});

test('is made again on what somebody else wrote meanwhile', async () => {
  let others = 0;
  await changeStoredFile(
    {
      bucket: 'state',
      get: (key) => bucket.get(key),
      put: async (key, text, options) => {
        if (others++ === 0) await bucket.put(key, 'theirs', json);
        return bucket.put(key, text, options);
      },
    },
    'list',
    append('ours'),
  );
  expect(await read()).toBe('theirs ours');
});

test('is not made twice when the write that succeeded was repeated', async () => {
  await changeStoredFile(
    {
      bucket: 'state',
      get: (key) => bucket.get(key),
      put: async (key, text, options) => {
        await bucket.put(key, text, options);
        return bucket.put(key, text, options);
      },
    },
    'list',
    append('one'),
  );
  expect(await read()).toBe('one');
});

test('gives up when it is always changed by others', async () => {
  let others = 0;
  const changed = changeStoredFile(
    {
      bucket: 'state',
      get: (key) => bucket.get(key),
      put: async (key, text, options) => {
        await bucket.put(key, `theirs ${others++}`, json);
        return bucket.put(key, text, options);
      },
    },
    'list',
    append('ours'),
  );
  await expect(changed).rejects.toMatchObject({ exitCode: 69 });
  expect(await read()).toBe('theirs 4');
});
