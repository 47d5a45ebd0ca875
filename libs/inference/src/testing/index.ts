import { fileURLToPath } from 'node:url';

export * from './fake-classifier.ts';
export * from './pictures.ts';

/** A model that computes, in native code, for as long as its picture is bright: see `brightness`. */
export const slowModelDir = fileURLToPath(new URL('../../testing/models/slow', import.meta.url));
