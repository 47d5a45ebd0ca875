import type { BadImage, Classified, Classifier } from '../classifier.ts';
import { sniff } from '../sniff.ts';

/** What a fake says of a picture; `call` counts from 1. It may wait for a test, or throw. */
export type FakeAnswer = (
  image: Uint8Array,
  call: number,
) => Classified | BadImage | Promise<Classified | BadImage>;

const LABELS = ['goldfish', 'lion', 'barn', 'candle', 'seashore', 'ox', 'gondola', 'snail'];

/**
 * A classifier without a model. Unless told otherwise it finds in a picture what its bytes add up to, and a
 * bad image where no picture begins.
 */
export function fakeClassifier(options: { answer?: FakeAnswer } = {}): Classifier {
  const answer = options.answer ?? fakeAnswer;
  const disposed = new AbortController();
  let calls = 0;
  return {
    model: { name: 'fake', version: '1', sha256: '0'.repeat(64) },
    async classify(image, { topK, signal }) {
      const ends = AbortSignal.any([disposed.signal, ...(signal === undefined ? [] : [signal])]);
      ends.throwIfAborted();
      const outcome = await beforeAbort(ends, Promise.resolve(answer(image, ++calls)));
      if (outcome.kind === 'bad-image') return outcome;
      return { ...outcome, predictions: outcome.predictions.slice(0, topK) };
    },
    [Symbol.asyncDispose]: async () => disposed.abort(new Error('The classifier is closed.')),
  };
}

const fakeAnswer: FakeAnswer = async (image) => {
  if ((await sniff(image)) === undefined) {
    return { kind: 'bad-image', reason: 'unsupported-type', detail: 'The file is not a picture.' };
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
