import type { Calibration } from '@labelfleet/contracts';
import { identifyImage } from '@labelfleet/contracts/image-file';

import type { BadImage, Classified, Classifier, ClassifyOptions, Priority } from '../classifier.ts';
import { FreeList } from '../process/free-list.ts';

/** The outcome of a fake classifier for an image; `call` counts from 1. */
export type FakeAnswer = (
  image: Uint8Array,
  call: number,
) => Classified | BadImage | Promise<Classified | BadImage>;

const LABELS = ['goldfish', 'lion', 'barn', 'candle', 'seashore', 'ox', 'gondola', 'snail'];

/**
 * A classifier without a model, by default with 2 slots. By default, the sum of an image's bytes determines its
 * labels, and a file that is not an image is a bad image.
 */
export function fakeClassifier(
  options: {
    answer?: FakeAnswer;
    slots?: number;
    broken?: Promise<string>;
    calibration?: Calibration;
  } = {},
): Classifier {
  const { answer = fakeAnswer, slots = 2, broken = new Promise<string>(() => {}) } = options;
  const disposed = new AbortController();
  const places = new FreeList<number>();
  for (let place = 0; place < slots; place++) places.add(place);
  let calls = 0;

  async function classify(image: Uint8Array, { topK, signal }: ClassifyOptions) {
    const ends = orDisposed(signal);
    ends.throwIfAborted();
    const outcome = await beforeAbort(ends, Promise.resolve(answer(image, ++calls)));
    if (outcome.kind === 'bad-image') return outcome;
    return { ...outcome, predictions: outcome.predictions.slice(0, topK) };
  }

  async function reserve(signal: AbortSignal, priority?: Priority) {
    const place = await places.take(orDisposed(signal), priority);
    return { classify, [Symbol.dispose]: () => places.add(place) };
  }

  const orDisposed = (signal?: AbortSignal) =>
    AbortSignal.any([disposed.signal, ...(signal === undefined ? [] : [signal])]);

  const model = { name: 'fake', version: '1', sha256: '0'.repeat(64) };
  const { calibration } = options;
  return {
    model,
    description: { v: 1, ...model, labels: LABELS, ...(calibration && { calibration }) },
    broken,
    get waiting() {
      return places.waiting;
    },
    reserve,
    async classify(image, options) {
      using reservation = await reserve(orDisposed(options.signal));
      return await reservation.classify(image, options);
    },
    [Symbol.asyncDispose]: async () => disposed.abort(new Error('The classifier is closed.')),
  };
}

const fakeAnswer: FakeAnswer = (image) => {
  if (identifyImage(image).kind === 'other') {
    return { kind: 'bad-image', reason: 'unsupported-type', detail: 'The file is not an image.' };
  }
  const sum = image.reduce((a, b) => a + b, 0);
  const predictions = LABELS.map((_, rank) => {
    const classIndex = (sum + rank) % LABELS.length;
    return { label: LABELS[classIndex] ?? '', score: 0.5 ** (rank + 1), classIndex };
  });
  return { kind: 'classified', predictions, decodeMs: 1, inferMs: 1 };
};

function beforeAbort<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    promise.then(resolve, reject);
  });
}
