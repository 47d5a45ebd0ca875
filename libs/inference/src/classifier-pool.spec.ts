import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { ClassifierPool, openClassifier } from './classifier-pool.ts';
import { embeddedModelDir } from './embedded-model.ts';
import { ModelError } from './model-error.ts';
import { classifierCases } from './testing/classifier-cases.ts';
import { slowModelDir } from './testing/index.ts';
import { brightness, textured } from './testing/pictures.ts';

const open = (modelDir = embeddedModelDir, threads = 2) =>
  openClassifier({ modelDir, threads, maxPixels: 50_000_000 });

classifierCases('the pool with the embedded model', () => open());

it('takes the bytes over where nothing else shares their memory, and copies them otherwise', async () => {
  await using classifier = await open(embeddedModelDir, 1);
  const picture = await textured().png().toBuffer();
  const own = new Uint8Array(picture);
  const part = new Uint8Array([...picture, 1, 2, 3]).subarray(0, picture.length);
  for (const bytes of [own, part, picture]) {
    expect(await classifier.classify(bytes, { topK: 1 })).toMatchObject({ kind: 'classified' });
  }
  expect([own.length, part.length, picture.length]).toEqual([0, picture.length, picture.length]);
});

it('leaves the event loop free while native code runs', async () => {
  await using classifier = await open(slowModelDir, 1);
  const picture = await brightness(10);
  let turns = 0;
  const timer = setInterval(() => turns++, 5);
  const outcome = await classifier.classify(picture, { topK: 1 });
  clearInterval(timer);
  if (outcome.kind === 'bad-image') throw new Error(outcome.detail);
  // Had the run held this loop, it would have turned a few times while decoding and not at all after.
  expect(turns).toBeGreaterThan(outcome.inferMs / 50);
});

it('a native run that takes too long is given up, and the next picture classified', async () => {
  await using classifier = await open(slowModelDir, 1);
  // A second at least: when the signal comes it is within native code, where a thread cannot be ended.
  const picture = await brightness(20);
  const signal = AbortSignal.timeout(60);
  await expect(classifier.classify(picture, { topK: 1, signal })).rejects.toThrow('timeout');
  expect(await classifier.classify(await brightness(0), { topK: 1 })).toMatchObject({
    kind: 'classified',
  });
});

it('a model that cannot be used is an error of its own, and no thread is left', async () => {
  await expect(open('/nowhere')).rejects.toBeInstanceOf(ModelError);
});

describe('a thread that dies', () => {
  const script = fileURLToPath(new URL('./testing/fragile-thread.ts', import.meta.url));
  const identity = { name: 'fragile', version: '1', sha256: '' };
  const tell = (pool: ClassifierPool, order: string, signal?: AbortSignal) =>
    pool.classify(new TextEncoder().encode(order), { topK: 1, ...(signal && { signal }) });

  it.each([['exit'], ['throw elsewhere']])(
    'fails its picture alone and is replaced (%s)',
    async (order) => {
      await using pool = new ClassifierPool(identity, { script, threads: 2, data: undefined });
      const waiting = new AbortController();
      const untouched = tell(pool, 'wait', waiting.signal);
      for (let time = 0; time < 3; time++) {
        await expect(tell(pool, order)).rejects.toThrow(/[Ww]orker/);
        expect(await tell(pool, 'answer')).toMatchObject({ detail: 'answer' });
      }
      waiting.abort(new Error('was still waiting'));
      await expect(untouched).rejects.toThrow('was still waiting');
    },
  );

  it('takes no picture with it that waits in line', async () => {
    await using pool = new ClassifierPool(identity, { script, threads: 1, data: undefined });
    const dying = expect(tell(pool, 'exit')).rejects.toThrow();
    const inLine = tell(pool, 'answer');
    await dying;
    expect(await inLine).toMatchObject({ detail: 'answer' });
  });
});

const photos = join(import.meta.dirname, '../../../../shared/fixtures/photos');
describe('of 30 photographs, which are not ours to publish', () => {
  const here = existsSync(photos);
  it.skipIf(!here)(
    `the embedded model knows 21 or more${here ? '' : ` (skipped: no ${photos})`}`,
    async () => {
      await using classifier = await open();
      const outcomes = await Promise.all(
        readdirSync(photos).map(async (file) => {
          const label = file.replace(/^n\d+_|\.JPEG$/g, '').replaceAll('_', ' ');
          const outcome = await classifier.classify(readFileSync(join(photos, file)), { topK: 1 });
          return outcome.kind === 'classified' && outcome.predictions[0]?.label === label;
        }),
      );
      expect(outcomes.filter(Boolean).length).toBeGreaterThanOrEqual(21);
    },
  );
});
