import { expect, it } from 'vitest';

import { classifierCases } from './classifier-cases.ts';
import { fakeClassifier } from './fake-classifier.ts';

classifierCases('the fake', async () => fakeClassifier());

it('the fake answers as a test tells it, call by call', async () => {
  await using classifier = fakeClassifier({
    answer: (_, call) => {
      if (call === 1) throw new Error('the process died');
      return { kind: 'bad-image', reason: 'undecodable', detail: 'torn' };
    },
  });
  const classify = () => classifier.classify(new Uint8Array(), { topK: 1 });
  await expect(classify()).rejects.toThrow('the process died');
  expect(await classify()).toMatchObject({ detail: 'torn' });
});
