import { expect, test } from 'vitest';
import { AwsCallError } from '../errors.ts';
import { fakeS3 } from '../testing/fake-s3.ts';
import { writeOnce } from './write-once.ts';

test('the first text stands, and every later writer learns it', async () => {
  const s3 = fakeS3();
  s3.createBucket('output');
  const store = s3.store('output');
  expect(await writeOnce(store, 'a.json', '"first"')).toBe('"first"');
  expect(await writeOnce(store, 'a.json', '"second"')).toBe('"first"');
});

test('a write whose answer was lost finds its own text', async () => {
  const s3 = fakeS3();
  s3.createBucket('output');
  const store = s3.store('output');
  const lost = new AwsCallError('PutObject', { code: 'TimeoutError', message: 'no answer came' });
  const losing: typeof store.put = async (...call) => {
    await store.put(...call);
    throw lost;
  };
  const get = store.get.bind(store);
  await expect(writeOnce({ get, put: losing }, 'a.json', '"mine"')).rejects.toBe(lost);
  expect(await writeOnce(store, 'a.json', '"mine"')).toBe('"mine"');
});
