import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Classifier } from '../classifier.ts';
import { textured } from './images.ts';

/** What every Classifier promises, whatever is behind it. */
export function classifierCases(name: string, open: () => Promise<Classifier>): void {
  describe(`${name} is a classifier:`, () => {
    let classifier: Classifier;
    let picture: Buffer;
    beforeAll(async () => {
      classifier = await open();
      picture = await textured().jpeg().toBuffer();
    });
    afterAll(() => classifier[Symbol.asyncDispose]());
    const classify = (topK: number, signal?: AbortSignal) =>
      classifier.classify(picture, { topK, ...(signal && { signal }) });

    it('it names its model', () => {
      expect(classifier.model.name).not.toBe('');
      expect(classifier.model.sha256).toMatch(/^[0-9a-f]{64}$/);
    });

    it('it gives the best predictions first, as many as asked for', async () => {
      const three = await classify(3);
      if (three.kind === 'bad-image') throw new Error(three.detail);
      const scores = three.predictions.map(({ score }) => score);
      expect(scores).toHaveLength(3);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      expect(await classify(1)).toMatchObject({ predictions: three.predictions.slice(0, 1) });
    });

    it('it says the same of the same picture, also of many at once', async () => {
      const outcomes = await Promise.all(Array.from({ length: 9 }, () => classify(2)));
      const labels = outcomes.map((outcome) =>
        outcome.kind === 'classified' ? outcome.predictions[0]?.label : outcome.detail,
      );
      expect(new Set(labels).size).toBe(1);
    });

    it('what is no picture is a value, and the next picture is classified', async () => {
      const text = new TextEncoder().encode('no picture');
      expect(await classifier.classify(text, { topK: 1 })).toMatchObject({
        kind: 'bad-image',
        reason: 'unsupported-type',
      });
      expect(await classify(1)).toMatchObject({ kind: 'classified' });
    });

    it("it rejects with the signal's reason when aborted before or while it works", async () => {
      await expect(classify(1, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
      const abort = new AbortController();
      const running = classify(1, abort.signal);
      abort.abort(new Error('while'));
      await expect(running).rejects.toThrow('while');
      expect(await classify(1)).toMatchObject({ kind: 'classified' });
    });

    it('a reservation is room for an image, kept from others until it is disposed of', async () => {
      const all = [];
      // As many as there is room for: the next one is not granted.
      for (;;) {
        const giveUp = new AbortController();
        const next = classifier.reserve(giveUp.signal);
        const granted = await Promise.race([next, new Promise((r) => setImmediate(r))]);
        if (granted === undefined) {
          giveUp.abort(new Error('gave up'));
          await expect(next).rejects.toThrow('gave up');
          break;
        }
        all.push(await next);
      }
      const waiting = classify(1);
      for (const reservation of all) {
        const outcome = await reservation.classify(picture, { topK: 1 });
        expect(outcome).toMatchObject({ kind: 'classified' });
        reservation[Symbol.dispose]();
      }
      expect(await waiting).toMatchObject({ kind: 'classified' });
      await expect(classifier.reserve(AbortSignal.abort(new Error('before')))).rejects.toThrow(
        'before',
      );
    });

    it('once closed it rejects', async () => {
      const closed = await open();
      const running = closed.classify(picture, { topK: 1 });
      const outcome = expect(running).rejects.toThrow('closed');
      await closed[Symbol.asyncDispose]();
      await outcome;
      await expect(closed.classify(picture, { topK: 1 })).rejects.toThrow('closed');
    });
  });
}
