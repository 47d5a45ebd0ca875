import type { ObjectStore } from '@labelfleet/aws/store';
import type { EventOf } from '../history/event.ts';
import type { History } from '../history/history.ts';

type Bucket = EventOf<'stored'>['bucket'];
type Store = Pick<ObjectStore, 'list' | 'get'>;

const MOST_KEYS = 1000;
/** The characters of request ids, which begin all keys. */
const ALPHABET = '0123456789abcdef-';

/** Adds all objects of the buckets to the history, images without their bytes. */
export async function collectObjects(
  stores: Readonly<Record<Bucket, Store>>,
  history: Pick<History, 'note'>,
): Promise<void> {
  for (const key of await listAll(stores.input, ''))
    history.note({ kind: 'stored', bucket: 'input', key, body: '' });
  for (const [bucket, prefix] of [
    ['output', ''],
    ['state', 'attempts/'],
    ['state', 'batches/'],
  ] as const) {
    for (const key of await listAll(stores[bucket], prefix)) {
      const object = await stores[bucket].get(key);
      if (object === null) throw new Error(`${key} was listed but cannot be read`);
      history.note({ kind: 'stored', bucket, key, body: new TextDecoder().decode(object.body) });
    }
  }
}

/** All keys with a prefix. A full listing is split into one for each next character. */
export async function listAll(store: Pick<Store, 'list'>, prefix: string): Promise<string[]> {
  const keys = await store.list(prefix, MOST_KEYS);
  if (keys.length < MOST_KEYS) return keys;
  const parts = await Promise.all(
    [...ALPHABET].map((character) => listAll(store, prefix + character)),
  );
  return parts.flat();
}
