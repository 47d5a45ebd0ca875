import { fileURLToPath } from 'node:url';

export * from './fake-classifier.ts';
export * from './images.ts';
export * from './slow-jpeg.ts';

/** A model that computes, in native code, for as long as its picture is bright: see `brightness`. */
export const slowModelDir = fileURLToPath(new URL('../../testing/models/slow', import.meta.url));

/** Small models of other kinds: any size of picture and probabilities; the first years' file format. */
export const exampleModels = {
  anySize: fileURLToPath(new URL('../../testing/models/any-size', import.meta.url)),
  oldFormat: fileURLToPath(new URL('../../testing/models/old-format', import.meta.url)),
};
