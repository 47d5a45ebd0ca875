import type { Collection, Storage } from './storage.ts';

const forgetful: Collection<never> = {
  entries: () => [],
  save: () => {},
  remove: () => {},
};

/** Keeps nothing: state ends with the process. */
export const memoryStorage: Storage = {
  collection: () => forgetful,
  committed: () => undefined,
  close: () => {},
};
