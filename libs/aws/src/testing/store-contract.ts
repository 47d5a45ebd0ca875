import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { AwsCallError } from '../errors.ts';
import type { ObjectStore } from '../store/object-store.ts';

export interface StoreSubject extends AsyncDisposable {
  /** An empty bucket. */
  store: ObjectStore;
  /** A bucket that does not exist. */
  missing: ObjectStore;
}

const json = { contentType: 'application/json' };

/** Test cases that every implementation of ObjectStore must pass. */
export function storeContract(start: () => Promise<StoreSubject>): void {
  let subject: StoreSubject;
  let store: ObjectStore;
  beforeAll(async () => {
    subject = await start();
    ({ store } = subject);
    return () => subject[Symbol.asyncDispose]();
  });

  test('returns an object byte for byte, with its content type, metadata and ETag', async () => {
    const body = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
    const options = { contentType: 'image/jpeg', metadata: { 'file-name': 'cat.jpg' } };
    const put = await store.put('request-1/cat.jpg', body, options);
    const object = await store.get('request-1/cat.jpg');
    expect(object).toEqual({
      body: expect.any(Uint8Array) as Uint8Array,
      etag: put.kind === 'stored' ? put.etag : '',
      ...options,
    });
    expect(Buffer.from(object?.body ?? []).equals(body)).toBe(true);
    expect(await store.head('request-1/cat.jpg')).toEqual({
      etag: object?.etag,
      size: 100_000,
      ...options,
    });
  });

  test.each([
    ['nothing', '', ''],
    ['text, as UTF-8', 'Bär', 'Bär'],
  ])('stores %s', async (name, body, expected) => {
    await store.put(`texts/${name}`, body, json);
    expect(text(await store.get(`texts/${name}`))).toBe(expected);
  });

  test('overwrites an object when there is no condition', async () => {
    await store.put('overwritten', 'old', json);
    await store.put('overwritten', 'new', json);
    expect(text(await store.get('overwritten'))).toBe('new');
  });

  test('returns null when the object does not exist', async () => {
    expect(await store.get('nothing')).toBeNull();
    expect(await store.head('nothing')).toBeNull();
  });

  describe('a put with onlyIf absent', () => {
    test('stores the first object and keeps it', async () => {
      expect(await store.put('once', 'first', { ...json, onlyIf: 'absent' })).toMatchObject({
        kind: 'stored',
      });
      expect(await store.put('once', 'second', { ...json, onlyIf: 'absent' })).toEqual({
        kind: 'condition-failed',
      });
      expect(text(await store.get('once'))).toBe('first');
    });

    test('stores exactly one of several concurrent objects', async () => {
      const puts = await Promise.allSettled(
        Array.from({ length: 8 }, (_, index) =>
          store.put('raced', `${index}`, { ...json, onlyIf: 'absent' }),
        ),
      );
      const winners = puts.flatMap((put, index) =>
        put.status === 'fulfilled' && put.value.kind === 'stored' ? [`${index}`] : [],
      );
      expect(winners).toEqual([text(await store.get('raced'))]);
    });
  });

  describe('a put with onlyIf an ETag', () => {
    const update = (key: string, body: string, etag: string) =>
      store.put(key, body, { ...json, onlyIf: { etag } });

    test('stores the object if the ETag matches and fails if it does not', async () => {
      const first = await store.put('lease', '1', json);
      const etag = first.kind === 'stored' ? first.etag : '';
      expect(await update('lease', '2', etag)).toMatchObject({ kind: 'stored' });
      expect(await update('lease', '3', etag)).toEqual({ kind: 'condition-failed' });
      expect(text(await store.get('lease'))).toBe('2');
    });

    test('fails when the object does not exist', async () => {
      expect(await update('gone', '1', '"d41d8cd98f00b204e9800998ecf8427e"')).toEqual({
        kind: 'condition-failed',
      });
      expect(await store.get('gone')).toBeNull();
    });
  });

  test('lists the keys that begin with a prefix, in order, up to a limit', async () => {
    for (const key of ['list/b', 'list/a', 'list/c/d', 'listen']) await store.put(key, '', json);
    expect(await store.list('list/', 10)).toEqual(['list/a', 'list/b', 'list/c/d']);
    expect(await store.list('list/', 2)).toEqual(['list/a', 'list/b']);
    expect(await store.list('list/z', 10)).toEqual([]);
    expect(await store.list('list/', 1, 'list/a')).toEqual(['list/b']);
    expect(await store.list('', 1000, 'list/b')).toEqual(expect.arrayContaining(['list/c/d']));
    expect(await store.list('list/', 10, 'list/c/d')).toEqual([]);
  });

  test('stores, lists and returns objects with keys of any characters', async () => {
    const keys = [
      'odd/ two  spaces.jpg',
      'odd/+&=?#%20.jpg',
      'odd/Bär/日本.jpg',
      'odd/control\u0001\n.jpg',
      `odd/${'x'.repeat(1020)}`,
      'odd/\u{1f41e}.jpg',
    ].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const key of keys) await store.put(key, key, json);
    expect(await store.listObjects('odd/', 10)).toEqual(
      keys.map((key) => ({
        ...{ key, size: Buffer.byteLength(key) },
        etag: `"${createHash('md5').update(key).digest('hex')}"`,
      })),
    );
    for (const [index, key] of keys.entries()) {
      expect(text(await store.get(key))).toBe(key);
      expect(await store.list('odd/', 10, key)).toEqual(keys.slice(index + 1));
    }
  });

  test('returns a range of an object that has not changed', async () => {
    await store.put('ranges', '0123456789', json);
    const { etag = '' } = (await store.head('ranges')) ?? {};
    const range = async (start: number, limit: number) => {
      const outcome = await store.getRange('ranges', { start, limit, etag });
      return outcome.kind === 'range' ? [text(outcome), outcome.size] : outcome.kind;
    };
    expect(await range(0, 4)).toEqual(['0123', 10]);
    expect(await range(8, 4)).toEqual(['89', 10]);
    await store.put('ranges', 'changed', json);
    expect(await range(0, 4)).toBe('changed');
    await store.delete('ranges');
    expect(await range(0, 4)).toBe('missing');
  });

  test('deletes an object, and does nothing where there is none', async () => {
    await store.put('deleted', '', json);
    await store.delete('deleted');
    expect(await store.get('deleted')).toBeNull();
    await expect(store.delete('deleted')).resolves.toBeUndefined();
  });

  test('returns the first bytes of an object', async () => {
    await store.put('long', '0123456789', json);
    expect(text(await store.getStart('long', 4))).toBe('0123');
    expect(await store.getStart('long', 11)).toEqual(await store.get('long'));
    expect(await store.getStart('nothing', 4)).toBeNull();
  });

  test('returns an object within a size, and nothing of a larger one', async () => {
    await store.put('sized', '0123456789', json);
    for (const bytes of [10, 11]) expect(text(await within('sized', bytes))).toBe('0123456789');
    expect(await store.getWithin('sized', 9)).toBe('too-large');
    expect(await store.getWithin('nothing', 9)).toBeNull();
    await store.put('huge', new Uint8Array(8_000_000), json);
    for (let turn = 0; turn < 3; turn++) expect(await store.getWithin('huge', 9)).toBe('too-large');
    await store.put('nothing in it', '', json);
    expect(text(await within('nothing in it', 9))).toBe('');
    const reason = new Error('too late');
    await expect(store.getWithin('sized', 9, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  async function within(key: string, mostBytes: number) {
    const object = await store.getWithin(key, mostBytes);
    return object === 'too-large' ? null : object;
  }

  test('rejects an aborted get with the reason', async () => {
    const reason = new Error('too late');
    await expect(store.get('once', AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  test('checks that the bucket exists', async () => {
    await expect(store.check()).resolves.toBeUndefined();
    await expect(subject.missing.check()).rejects.toThrow(AwsCallError);
  });

  test('rejects, rather than returns null, when the bucket does not exist', async () => {
    await expect(subject.missing.get('once')).rejects.toMatchObject({ code: 'NoSuchBucket' });
    await expect(
      subject.missing.put('once', '', { ...json, onlyIf: { etag: '"1"' } }),
    ).rejects.toMatchObject({ code: 'NoSuchBucket' });
  });
}

const text = (object: { body: Uint8Array } | null): string | undefined =>
  object === null ? undefined : new TextDecoder().decode(object.body);
