import type { Collection, Storage } from './storage.ts';

const forgetful: Collection<never> = {
  entries: () => [],
  save: () => {},
  remove: () => {},
};

/** Persists nothing, so the state ends with the process. */
export const memoryStorage: Storage = {
  collection: () => forgetful,
  committed: () => undefined,
  close: () => {},
};
