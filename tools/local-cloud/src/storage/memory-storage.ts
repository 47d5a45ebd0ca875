import type { Storage } from './storage.ts';

/** Keeps nothing: state ends with the process. */
export const memoryStorage: Storage = {
  saveMessage: () => {},
  removeMessage: () => {},
  committed: () => undefined,
};
