import { fileURLToPath } from 'node:url';

export * from './fake-classifier.ts';
export * from './images.ts';
export * from './slow-jpeg.ts';

/** A model whose native code computes longer for a brighter image: see `brightness`. */
export const slowModelDir = fileURLToPath(new URL('../../testing/models/slow', import.meta.url));

/** Small models: one accepts any size and gives probabilities, the other uses the oldest file format of ONNX. */
export const exampleModels = {
  anySize: fileURLToPath(new URL('../../testing/models/any-size', import.meta.url)),
  oldFormat: fileURLToPath(new URL('../../testing/models/old-format', import.meta.url)),
};
