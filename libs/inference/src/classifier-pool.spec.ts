import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';

import { ClassifierPool, openClassifier, type PoolOptions } from './classifier-pool.ts';
import { embeddedModelDir } from './embedded-model.ts';
import { DEFAULT_LIMITS } from './image-limits.ts';
import { readModelDir } from './model-dir.ts';
import { ModelError } from './model-error.ts';
import { classifierCases } from './testing/classifier-cases.ts';
import { slowModelDir } from './testing/index.ts';
import { brightness, textured } from './testing/images.ts';
import { withEmptyScans } from './testing/slow-jpeg.ts';

const open = (modelDir = embeddedModelDir, threads = 2) =>
  openClassifier({ modelDir, threads, maxPixels: 50_000_000 });

classifierCases('the pool with the embedded model', () => open());

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

it('a native run that takes too long is killed, and the next picture classified', async () => {
  await using classifier = await open(slowModelDir, 1);
  // A second at least: when the signal comes it is within native code, where nothing else ends it.
  const picture = await brightness(20);
  const signal = AbortSignal.timeout(60);
  await expect(classifier.classify(picture, { topK: 1, signal })).rejects.toThrow('timeout');
  expect(await classifier.classify(await brightness(0), { topK: 1 })).toMatchObject({
    kind: 'classified',
  });
});

it('a model that cannot be used is an error of its own', async () => {
  await expect(open('/nowhere')).rejects.toBeInstanceOf(ModelError);
});

describe('with real images', { timeout: 60_000 }, () => {
  it('an image that is slow to decode is a bad image, and others are answered meanwhile', async () => {
    await using classifier = await openClassifier({
      modelDir: embeddedModelDir,
      threads: 2,
      maxPixels: 50_000_000,
      limits: { maxDecodeMs: 1_000, maxMemoryBytes: 1e9 },
    });
    const slow = withEmptyScans(
      await textured(2000, 1500).jpeg({ progressive: true }).toBuffer(),
      20_000,
    );
    const good = await textured().jpeg().toBuffer();
    let slowIsAnswered = false;
    const answer = classifier.classify(slow, { topK: 1 }).finally(() => (slowIsAnswered = true));
    for (let image = 0; image < 5; image++)
      expect(await classifier.classify(good, { topK: 1 })).toMatchObject({ kind: 'classified' });
    expect(slowIsAnswered).toBe(false);
    expect(await answer).toMatchObject({ kind: 'bad-image', reason: 'too-costly' });
    expect(await classifier.classify(good, { topK: 1 })).toMatchObject({ kind: 'classified' });
  });

  it('more slow images than processes delay good ones, and fail none', async () => {
    await using classifier = await openClassifier({
      modelDir: embeddedModelDir,
      threads: 2,
      maxPixels: 50_000_000,
      limits: { maxDecodeMs: 500, maxMemoryBytes: 1e9 },
    });
    const slow = withEmptyScans(
      await textured(2000, 1500).jpeg({ progressive: true }).toBuffer(),
      20_000,
    );
    const good = await textured().jpeg().toBuffer();
    const images = [slow, slow, slow, slow, good, good, good];
    const outcomes = await Promise.all(
      images.map((image) => classifier.classify(image, { topK: 1 })),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      ...['bad-image', 'bad-image', 'bad-image', 'bad-image'],
      ...['classified', 'classified', 'classified'],
    ]);
  });
});

/** A pool of processes that do as they are told: see fragile-child.ts. */
const openFragile = async (options: Partial<PoolOptions> = {}) =>
  ClassifierPool.open(
    { name: 'fragile', version: '1', sha256: '' },
    {
      script: fileURLToPath(new URL('./testing/fragile-child.ts', import.meta.url)),
      setup: { model: await readModelDir(embeddedModelDir), maxPixels: 1 },
      limits: { maxDecodeMs: 300, maxMemoryBytes: 300_000_000 },
      processes: 2,
      ...options,
    },
  );
const tell = (pool: ClassifierPool, order: string, signal?: AbortSignal) =>
  pool.classify(new TextEncoder().encode(order), { topK: 1, ...(signal && { signal }) });
const pidOf = async (pool: ClassifierPool) => {
  const outcome = await tell(pool, 'pid');
  return outcome.kind === 'bad-image' ? Number(outcome.detail) : NaN;
};
const isAlive = (pid: number) => existsSync(`/proc/${pid}`);

describe('a process that dies', { timeout: 60_000 }, () => {
  it.each(['exit', 'abort', 'be killed', 'throw elsewhere'])(
    'fails its image alone and is replaced (%s)',
    async (order) => {
      const replaced: string[] = [];
      await using pool = await openFragile({ onReplace: (why) => replaced.push(why) });
      const waiting = new AbortController();
      const untouched = tell(pool, 'wait', waiting.signal);
      for (let time = 0; time < 3; time++) {
        await expect(tell(pool, order)).rejects.toThrow('ended by itself');
        expect(await tell(pool, 'answer')).toMatchObject({ detail: 'answer' });
      }
      expect(replaced).toHaveLength(3);
      waiting.abort(new Error('was still waiting'));
      await expect(untouched).rejects.toThrow('was still waiting');
    },
  );

  it('takes no image with it that waits in line', async () => {
    await using pool = await openFragile({ processes: 1 });
    const dying = expect(tell(pool, 'exit')).rejects.toThrow();
    const inLine = tell(pool, 'answer');
    await dying;
    expect(await inLine).toMatchObject({ detail: 'answer' });
  });

  it('while it is idle is replaced as well', async () => {
    const replaced = Promise.withResolvers<string>();
    await using pool = await openFragile({ processes: 1, onReplace: replaced.resolve });
    const pid = await pidOf(pool);
    process.kill(pid, 'SIGKILL');
    expect(await replaced.promise).toContain('ended by itself (SIGKILL)');
    expect(await pidOf(pool)).not.toBe(pid);
  });

  it('again and again as it starts, ends the pool: nobody waits for ever', async () => {
    const setup = { model: await readModelDir(embeddedModelDir), maxPixels: 1 };
    await using pool = await openFragile({ processes: 1, setup });
    // Whatever is started from now on finds no model.
    setup.maxPixels = 0;
    await expect(tell(pool, 'exit')).rejects.toThrow();
    await expect(tell(pool, 'answer')).rejects.toThrow('5 times in a row: There is no model');
    expect(await pool.broken).toContain('5 times in a row');
    await expect(tell(pool, 'answer')).rejects.toThrow('5 times in a row');
  });
});

describe('a process that runs wild', { timeout: 60_000 }, () => {
  it.each([
    ['compute', '0.3 s of computing'],
    ['take memory', '300 MB of memory'],
  ])('in decoding (%s) makes a bad image and is replaced', async (order, limit) => {
    await using pool = await openFragile({ processes: 1 });
    const pid = await pidOf(pool);
    const outcome = await tell(pool, order);
    expect(outcome).toMatchObject({ kind: 'bad-image', reason: 'too-costly' });
    expect(outcome).toHaveProperty('detail', expect.stringContaining(limit));
    expect(await tell(pool, 'answer')).toMatchObject({ detail: 'answer' });
    expect(isAlive(pid)).toBe(false);
  });

  it('in inference with memory is a failure', async () => {
    await using pool = await openFragile({ processes: 1 });
    await expect(tell(pool, 'take memory in inference')).rejects.toThrow('300 MB of memory');
    expect(await tell(pool, 'answer')).toMatchObject({ detail: 'answer' });
  });

  it.each(['hang', 'compute in inference'])(
    'for ever (%s) is killed by the signal',
    async (order) => {
      await using pool = await openFragile({ processes: 1 });
      const pid = await pidOf(pool);
      await expect(tell(pool, order, AbortSignal.timeout(600))).rejects.toThrow('timeout');
      expect(await tell(pool, 'answer')).toMatchObject({ detail: 'answer' });
      expect(isAlive(pid)).toBe(false);
    },
  );

  it('waiting takes no computing: a busy machine refuses no image', async () => {
    await using pool = await openFragile({ processes: 1 });
    // Twice the limit.
    await expect(tell(pool, 'wait', AbortSignal.timeout(600))).rejects.toThrow('timeout');
  });

  it.each(['hang', 'compute', 'wait'])(
    '(%s) does not keep the pool from closing',
    async (order) => {
      const pool = await openFragile({ processes: 1, limits: DEFAULT_LIMITS });
      const pid = await pidOf(pool);
      const outcome = expect(tell(pool, order)).rejects.toThrow('closed');
      await pool[Symbol.asyncDispose]();
      await outcome;
      expect(isAlive(pid)).toBe(false);
    },
  );
});

describe.runIf(process.platform === 'linux')('a process of the pool', { timeout: 60_000 }, () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('goes on after %s', async (signal) => {
    await using pool = await openFragile({ processes: 1 });
    const pid = await pidOf(pool);
    process.kill(pid, signal);
    expect(await pidOf(pool)).toBe(pid);
  });

  it('is the first that the kernel takes when memory runs out', async () => {
    await using pool = await openFragile({ processes: 1 });
    const score = readFileSync(`/proc/${await pidOf(pool)}/oom_score_adj`, 'utf8');
    expect(Number(score)).toBe(1000);
  });

  it.each(['hang', 'compute', 'wait'])('ends with a parent that is killed (%s)', async (order) => {
    const script = fileURLToPath(new URL('./testing/pool-parent.ts', import.meta.url));
    const parent = spawn(process.execPath, [script, order], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
    const child = Number(String(pid));
    expect(isAlive(child)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(child)).toBe(false), { timeout: 10_000 });
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
