import type { Failure } from '../state/state.ts';

/** A row as the browser keeps it while its image is unsent or its thumbnail is of use. */
export interface KeptRecord {
  id: string;
  /** The list that the row belongs to. */
  list: string;
  /** The place in the list. */
  order: number;
  /** When it was added, as Unix milliseconds. */
  at: number;
  key: string;
  name: string;
  size: number;
  /** The image, until the gateway has accepted it. */
  file?: File;
  thumbnail?: Blob;
  requestId?: string;
  batchId?: string;
  failure?: Failure;
}

/** What survives a reload. */
export interface Keep {
  all(): Promise<KeptRecord[]>;
  put(record: KeptRecord): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
}

/** Opens the browser's database. Rejects where the browser has none, as in some private windows. */
export async function openKeep(): Promise<Keep> {
  const opening = indexedDB.open('labelfleet', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('rows', { keyPath: 'id' });
  const database = await result(opening);
  const rows = (mode: IDBTransactionMode) =>
    database.transaction('rows', mode, { durability: 'relaxed' }).objectStore('rows');
  return {
    all: () => result(rows('readonly').getAll() as IDBRequest<KeptRecord[]>),
    async put(record) {
      await result(rows('readwrite').put(record));
    },
    async remove(ids) {
      const store = rows('readwrite');
      await Promise.all(ids.map((id) => result(store.delete(id))));
    },
  };
}

/** For browsers without a database: a reload loses what was not sent. */
export const keepNothing: Keep = {
  all: () => Promise.resolve([]),
  put: () => Promise.resolve(),
  remove: () => Promise.resolve(),
};

const result = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
  });
