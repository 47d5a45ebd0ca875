import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Classifier } from '../classifier.ts';
import { textured } from './images.ts';

/** Test cases that every implementation of Classifier must pass. */
export function classifierCases(name: string, open: () => Promise<Classifier>): void {
  describe(`${name} is a classifier:`, () => {
    let classifier: Classifier;
    let image: Buffer;
    beforeAll(async () => {
      classifier = await open();
      image = await textured().jpeg().toBuffer();
    });
    afterAll(() => classifier[Symbol.asyncDispose]());
    const classify = (topK: number, signal?: AbortSignal) =>
      classifier.classify(image, { topK, ...(signal && { signal }) });

    it('it identifies its model', () => {
      expect(classifier.model.name).not.toBe('');
      expect(classifier.model.sha256).toMatch(/^[0-9a-f]{64}$/);
    });

    it('it returns the requested number of predictions, best first', async () => {
      const three = await classify(3);
      if (three.kind === 'bad-image') throw new Error(three.detail);
      const scores = three.predictions.map(({ score }) => score);
      expect(scores).toHaveLength(3);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      expect(await classify(1)).toMatchObject({ predictions: three.predictions.slice(0, 1) });
    });

    it('it gives the same predictions for concurrent calls with the same image', async () => {
      const outcomes = await Promise.all(Array.from({ length: 9 }, () => classify(2)));
      const labels = outcomes.map((outcome) =>
        outcome.kind === 'classified' ? outcome.predictions[0]?.label : outcome.detail,
      );
      expect(new Set(labels).size).toBe(1);
    });

    it('it reports a bad image as an outcome and classifies the next one', async () => {
      const text = new TextEncoder().encode('not an image');
      expect(await classifier.classify(text, { topK: 1 })).toMatchObject({
        kind: 'bad-image',
        reason: 'unsupported-type',
      });
      expect(await classify(1)).toMatchObject({ kind: 'classified' });
    });

    it("it rejects with the signal's reason when aborted before or during a call", async () => {
      await expect(classify(1, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
      const abort = new AbortController();
      const running = classify(1, abort.signal);
      abort.abort(new Error('while'));
      await expect(running).rejects.toThrow('while');
      expect(await classify(1)).toMatchObject({ kind: 'classified' });
    });

    it('it keeps a reserved slot from others until the reservation is disposed', async () => {
      const all = [];
      // Reserves all slots, until a reservation is not granted.
      for (;;) {
        const cancel = new AbortController();
        const next = classifier.reserve(cancel.signal);
        const granted = await Promise.race([next, new Promise((r) => setImmediate(r))]);
        if (granted === undefined) {
          cancel.abort(new Error('canceled'));
          await expect(next).rejects.toThrow('canceled');
          break;
        }
        all.push(await next);
      }
      const waiting = classify(1);
      for (const reservation of all) {
        const outcome = await reservation.classify(image, { topK: 1 });
        expect(outcome).toMatchObject({ kind: 'classified' });
        reservation[Symbol.dispose]();
      }
      expect(await waiting).toMatchObject({ kind: 'classified' });
      await expect(classifier.reserve(AbortSignal.abort(new Error('before')))).rejects.toThrow(
        'before',
      );
    });

    it('it gives the next free slot to a request, although jobs have waited longer', async () => {
      const never = new AbortController().signal;
      const all = [await classifier.reserve(never)];
      // Slots are free until nobody has to wait any more.
      for (;;) {
        const next = classifier.reserve(never, 'job');
        const granted = await Promise.race([next, new Promise((r) => setImmediate(r))]);
        if (granted !== undefined) {
          all.push(await next);
          continue;
        }
        const order: string[] = [];
        const job = next.then((slot) => (order.push('job'), slot));
        const request = classifier.reserve(never).then((slot) => (order.push('request'), slot));
        all.pop()?.[Symbol.dispose]();
        (await request)[Symbol.dispose]();
        (await job)[Symbol.dispose]();
        expect(order).toEqual(['request', 'job']);
        break;
      }
      for (const reservation of all) reservation[Symbol.dispose]();
    });

    it('it rejects once it is closed', async () => {
      const closed = await open();
      const running = closed.classify(image, { topK: 1 });
      const outcome = expect(running).rejects.toThrow('closed');
      await closed[Symbol.asyncDispose]();
      await outcome;
      await expect(closed.classify(image, { topK: 1 })).rejects.toThrow('closed');
    });
  });
}
