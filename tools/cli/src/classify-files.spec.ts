import { fakeClassifier } from '@labelfleet/inference/testing';
import { expect, it } from 'vitest';
import { classifyFiles, type ClassifyOptions, type FileOutcome } from './classify-files.ts';

const classified = (score: number) => ({
  kind: 'classified' as const,
  predictions: [{ label: 'ox', score, classIndex: 0 }],
  decodeMs: 1,
  inferMs: 1,
});
const bytes = (file: string) => new TextEncoder().encode(file);

async function outcomesOf(files: string[], options: Partial<ClassifyOptions> = {}) {
  const outcomes: FileOutcome[] = [];
  const read = async (file: string) => bytes(file);
  const defaults = { classifier: fakeClassifier(), read, topK: 1, concurrency: 3 };
  const given = files.map((file) => ({ kind: 'file' as const, file }));
  for await (const outcome of classifyFiles(given, { ...defaults, ...options })) {
    outcomes.push(outcome);
  }
  return outcomes;
}

it('yields outcomes in the order of the files even when the first file takes longest', async () => {
  const done: string[] = [];
  const slow = Promise.withResolvers<void>();
  const classifier = fakeClassifier({
    answer: async (image) => {
      const file = new TextDecoder().decode(image);
      if (file === '1') await slow.promise;
      if (file === '3') slow.resolve();
      done.push(file);
      return classified(Number(file) / 10);
    },
  });
  const outcomes = await outcomesOf(['1', '2', '3', '4', '5'], { classifier });
  expect(outcomes.map(({ file }) => file)).toEqual(['1', '2', '3', '4', '5']);
  expect(done[0]).toBe('2');
});

it('reads at most as many files ahead as its concurrency allows', async () => {
  let [reading, most] = [0, 0];
  const classifier = fakeClassifier({
    answer: () => {
      reading--;
      return classified(1);
    },
  });
  const read = async (file: string) => {
    most = Math.max(most, ++reading);
    return bytes(file);
  };
  await outcomesOf(
    Array.from({ length: 20 }, (_, i) => `${i}`),
    { classifier, read },
  );
  expect(most).toBe(3);
});

it('reports a file that cannot be read, is not an image or makes the model fail, and goes on with the others', async () => {
  const classifier = fakeClassifier({
    answer: (image) => {
      const file = new TextDecoder().decode(image);
      if (file === 'broken model') throw new Error('the thread died');
      if (file === 'text') {
        return { kind: 'bad-image', reason: 'unsupported-type', detail: 'not an image' };
      }
      return classified(0.5);
    },
  });
  const read = async (file: string) => {
    if (file === 'missing') throw new Error('ENOENT');
    return bytes(file);
  };
  const files = ['missing', 'text', 'broken model', 'photo'];
  expect(await outcomesOf(files, { classifier, read })).toEqual([
    { kind: 'failed', file: 'missing', detail: 'ENOENT' },
    { kind: 'failed', file: 'text', detail: 'not an image' },
    { kind: 'failed', file: 'broken model', detail: 'the thread died' },
    { kind: 'classified', file: 'photo', predictions: classified(0.5).predictions },
  ]);
});
