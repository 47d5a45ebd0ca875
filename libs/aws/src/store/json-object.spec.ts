import { expect, test } from 'vitest';
import { AwsCallError } from '../errors.ts';
import { fakeS3 } from '../testing/fake-s3.ts';
import {
  compareAndSetJson,
  MalformedObjectError,
  readJson,
  tryReadJson,
  writeJson,
  writeJsonOnce,
  type JsonCodec,
} from './json-object.ts';

const KEY = 'a.json';
const codec: JsonCodec<string> = {
  encode: (value) => JSON.stringify(value),
  decode: (text) =>
    text.startsWith('"')
      ? { kind: 'decoded', value: JSON.parse(text) as string }
      : { kind: 'malformed', reason: 'not a string' },
};

function emptyStore() {
  const s3 = fakeS3();
  s3.createBucket('bucket');
  return s3.store('bucket');
}

test('readJson returns undefined when the object does not exist', async () => {
  expect(await readJson(emptyStore(), KEY, codec)).toBeUndefined();
});

test('readJson returns the value and the ETag of what writeJson wrote', async () => {
  const store = emptyStore();
  await writeJson(store, KEY, 'Bär', codec);
  const etag = (await store.head(KEY))?.etag;
  expect(await readJson(store, KEY, codec)).toEqual({ value: 'Bär', etag });
});

test('readJson throws a MalformedObjectError that names the object and the reason', async () => {
  const store = emptyStore();
  await store.put(KEY, '[]', { contentType: 'application/json' });
  const error: unknown = await readJson(store, KEY, codec).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(MalformedObjectError);
  expect(error).toMatchObject({
    reason: 'not a string',
    message: 'The object a.json is malformed: not a string',
  });
});

test('tryReadJson reports an absent and a malformed object as outcomes', async () => {
  const store = emptyStore();
  expect(await tryReadJson(store, KEY, codec)).toEqual({ kind: 'absent' });
  await store.put(KEY, '[]', { contentType: 'application/json' });
  expect(await tryReadJson(store, KEY, codec)).toEqual({
    kind: 'malformed',
    reason: 'not a string',
  });
});

test('compareAndSetJson writes only if the ETag still matches', async () => {
  const store = emptyStore();
  const first = await compareAndSetJson(store, KEY, 'first', codec, 'absent');
  if (first.kind !== 'stored') throw new Error('The first write failed.');
  expect(await compareAndSetJson(store, KEY, 'second', codec, 'absent')).toEqual({
    kind: 'condition-failed',
  });
  expect(await compareAndSetJson(store, KEY, 'third', codec, { etag: first.etag })).toMatchObject({
    kind: 'stored',
  });
  expect(await compareAndSetJson(store, KEY, 'fourth', codec, { etag: first.etag })).toEqual({
    kind: 'condition-failed',
  });
  expect(await readJson(store, KEY, codec)).toMatchObject({ value: 'third' });
});

test('writeJsonOnce keeps the first value and returns it to every writer', async () => {
  const store = emptyStore();
  expect(await writeJsonOnce(store, KEY, 'first', codec)).toBe('first');
  expect(await writeJsonOnce(store, KEY, 'second', codec)).toBe('first');
});

test('writeJsonOnce finds its own value when the response of an earlier try was lost', async () => {
  const store = emptyStore();
  const lost = new AwsCallError('PutObject', { code: 'TimeoutError', message: 'no response' });
  const get = store.get.bind(store);
  const losing: typeof store.put = async (...call) => {
    await store.put(...call);
    throw lost;
  };
  await expect(writeJsonOnce({ get, put: losing }, KEY, 'mine', codec)).rejects.toBe(lost);
  expect(await writeJsonOnce(store, KEY, 'mine', codec)).toBe('mine');
});
