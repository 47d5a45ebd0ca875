import { fakeClassifier } from '@labelfleet/inference/testing';
import { expect, it } from 'vitest';
import { classifyFiles, type Classifying, type FileOutcome } from './classify-files.ts';

const picture = (score: number) => ({
  kind: 'classified' as const,
  predictions: [{ label: 'ox', score, classIndex: 0 }],
  decodeMs: 1,
  inferMs: 1,
});
const bytes = (file: string) => new TextEncoder().encode(file);

async function outcomesOf(files: string[], classifying: Partial<Classifying> = {}) {
  const outcomes: FileOutcome[] = [];
  const read = async (file: string) => bytes(file);
  const defaults = { classifier: fakeClassifier(), read, topK: 1, concurrency: 3 };
  const given = files.map((file) => ({ kind: 'file' as const, file }));
  for await (const outcome of classifyFiles(given, { ...defaults, ...classifying })) {
    outcomes.push(outcome);
  }
  return outcomes;
}

it('outcomes come in the order of the files, though the first is the last to be done', async () => {
  const done: string[] = [];
  const slow = Promise.withResolvers<void>();
  const classifier = fakeClassifier({
    answer: async (image) => {
      const file = new TextDecoder().decode(image);
      if (file === '1') await slow.promise;
      if (file === '3') slow.resolve();
      done.push(file);
      return picture(Number(file) / 10);
    },
  });
  const outcomes = await outcomesOf(['1', '2', '3', '4', '5'], { classifier });
  expect(outcomes.map(({ file }) => file)).toEqual(['1', '2', '3', '4', '5']);
  expect(done[0]).toBe('2');
});

it('no more files are read ahead than are wanted at once', async () => {
  let [reading, most] = [0, 0];
  const classifier = fakeClassifier({
    answer: () => {
      reading--;
      return picture(1);
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

it('a file that cannot be read, is no picture, or fails the model is told and holds up no other', async () => {
  const classifier = fakeClassifier({
    answer: (image) => {
      const file = new TextDecoder().decode(image);
      if (file === 'broken model') throw new Error('the thread died');
      if (file === 'text') {
        return { kind: 'bad-image', reason: 'unsupported-type', detail: 'no picture' };
      }
      return picture(0.5);
    },
  });
  const read = async (file: string) => {
    if (file === 'missing') throw new Error('ENOENT');
    return bytes(file);
  };
  const files = ['missing', 'text', 'broken model', 'photo'];
  expect(await outcomesOf(files, { classifier, read })).toEqual([
    { kind: 'failed', file: 'missing', detail: 'ENOENT' },
    { kind: 'failed', file: 'text', detail: 'no picture' },
    { kind: 'failed', file: 'broken model', detail: 'the thread died' },
    { kind: 'classified', file: 'photo', predictions: picture(0.5).predictions },
  ]);
});
