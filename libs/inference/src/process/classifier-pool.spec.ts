import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';

import { ClassifierPool, openClassifier, type PoolConfig } from './classifier-pool.ts';
import { embeddedModelDir } from '../model/embedded-model.ts';
import { DEFAULT_LIMITS } from './image-limits.ts';
import { readModelDir } from '../model/model-dir.ts';
import { ModelError } from '../model/model-error.ts';
import { classifierCases } from '../testing/classifier-cases.ts';
import { slowModelDir } from '../testing/index.ts';
import { brightness, textured } from '../testing/images.ts';
import { withEmptyScans } from '../testing/slow-jpeg.ts';

const open = (modelDir = embeddedModelDir, threads = 2) =>
  openClassifier({ modelDir, threads, maxPixels: 50_000_000 });

classifierCases('the pool with the embedded model', () => open());

it('leaves the event loop free while native code runs', async () => {
  await using classifier = await open(slowModelDir, 1);
  const image = await brightness(10);
  let turns = 0;
  const timer = setInterval(() => turns++, 5);
  const outcome = await classifier.classify(image, { topK: 1 });
  clearInterval(timer);
  if (outcome.kind === 'bad-image') throw new Error(outcome.detail);
  // If the run blocked this event loop, there would be only a few turns while decoding.
  expect(turns).toBeGreaterThan(outcome.inferMs / 50);
});

it('kills a native run that takes too long and classifies the next image', async () => {
  await using classifier = await open(slowModelDir, 1);
  // It takes at least one second, so the signal aborts it within native code, which only a kill can end.
  const image = await brightness(20);
  const signal = AbortSignal.timeout(60);
  await expect(classifier.classify(image, { topK: 1, signal })).rejects.toThrow('timeout');
  expect(await classifier.classify(await brightness(0), { topK: 1 })).toMatchObject({
    kind: 'classified',
  });
});

it('rejects with a ModelError when the model cannot be used', async () => {
  await expect(open('/nowhere')).rejects.toBeInstanceOf(ModelError);
});

describe('with real images', { timeout: 60_000 }, () => {
  it('rejects an image that is slow to decode as a bad image and classifies others meanwhile', async () => {
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
    let slowIsDone = false;
    const outcome = classifier.classify(slow, { topK: 1 }).finally(() => (slowIsDone = true));
    for (let image = 0; image < 5; image++)
      expect(await classifier.classify(good, { topK: 1 })).toMatchObject({ kind: 'classified' });
    expect(slowIsDone).toBe(false);
    expect(await outcome).toMatchObject({ kind: 'bad-image', reason: 'too-costly' });
    expect(await classifier.classify(good, { topK: 1 })).toMatchObject({ kind: 'classified' });
  });

  it('classifies all good images when there are more slow images than processes', async () => {
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

/** A pool of processes that execute commands: see fragile-child.ts. */
const openFragile = async (options: Partial<PoolConfig> = {}) =>
  ClassifierPool.open(
    { name: 'fragile', version: '1', sha256: '' },
    {
      script: fileURLToPath(new URL('../testing/fragile-child.ts', import.meta.url)),
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

describe('a process that ends', { timeout: 60_000 }, () => {
  it.each(['exit', 'abort', 'be killed', 'throw elsewhere'])(
    'fails only its own image and is replaced (%s)',
    async (order) => {
      const replaced: string[] = [];
      await using pool = await openFragile({ onReplace: (why) => replaced.push(why) });
      const waiting = new AbortController();
      const untouched = tell(pool, 'wait', waiting.signal);
      for (let time = 0; time < 3; time++) {
        await expect(tell(pool, order)).rejects.toThrow('ended unexpectedly');
        expect(await tell(pool, 'answer')).toMatchObject({ detail: 'answer' });
      }
      expect(replaced).toHaveLength(3);
      waiting.abort(new Error('was still waiting'));
      await expect(untouched).rejects.toThrow('was still waiting');
    },
  );

  it('does not fail an image that is waiting', async () => {
    await using pool = await openFragile({ processes: 1 });
    const dying = expect(tell(pool, 'exit')).rejects.toThrow();
    const inLine = tell(pool, 'answer');
    await dying;
    expect(await inLine).toMatchObject({ detail: 'answer' });
  });

  it('is replaced also when it was idle', async () => {
    const replaced = Promise.withResolvers<string>();
    await using pool = await openFragile({ processes: 1, onReplace: replaced.resolve });
    const pid = await pidOf(pool);
    process.kill(pid, 'SIGKILL');
    expect(await replaced.promise).toContain('ended unexpectedly (SIGKILL)');
    expect(await pidOf(pool)).not.toBe(pid);
  });

  it('five times in a row at its start breaks the pool and rejects all callers', async () => {
    const setup = { model: await readModelDir(embeddedModelDir), maxPixels: 1 };
    await using pool = await openFragile({ processes: 1, setup });
    // Processes that start from now on find no model.
    setup.maxPixels = 0;
    await expect(tell(pool, 'exit')).rejects.toThrow();
    await expect(tell(pool, 'answer')).rejects.toThrow('5 times in a row: There is no model');
    expect(await pool.broken).toContain('5 times in a row');
    await expect(tell(pool, 'answer')).rejects.toThrow('5 times in a row');
  });
});

describe('a process that exceeds a limit', { timeout: 60_000 }, () => {
  it.each([
    ['compute', '0.3 s of computing'],
    ['take memory', '300 MB of memory'],
  ])('while decoding (%s) gives a bad image and is replaced', async (order, limit) => {
    await using pool = await openFragile({ processes: 1 });
    const pid = await pidOf(pool);
    const outcome = await tell(pool, order);
    expect(outcome).toMatchObject({ kind: 'bad-image', reason: 'too-costly' });
    expect(outcome).toHaveProperty('detail', expect.stringContaining(limit));
    expect(await tell(pool, 'answer')).toMatchObject({ detail: 'answer' });
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
  });

  it('of memory in inference rejects', async () => {
    await using pool = await openFragile({ processes: 1 });
    await expect(tell(pool, 'take memory in inference')).rejects.toThrow('300 MB of memory');
    expect(await tell(pool, 'answer')).toMatchObject({ detail: 'answer' });
  });

  it.each(['hang', 'compute in inference'])(
    'of time (%s) is killed when the signal aborts',
    async (order) => {
      await using pool = await openFragile({ processes: 1 });
      const pid = await pidOf(pool);
      await expect(tell(pool, order, AbortSignal.timeout(600))).rejects.toThrow('timeout');
      expect(await tell(pool, 'answer')).toMatchObject({ detail: 'answer' });
      expect(isAlive(pid)).toBe(false);
    },
  );

  it('is not killed while it only waits, so a busy machine rejects no image', async () => {
    await using pool = await openFragile({ processes: 1 });
    // Twice the CPU time limit.
    await expect(tell(pool, 'wait', AbortSignal.timeout(600))).rejects.toThrow('timeout');
  });

  it.each(['hang', 'compute', 'wait'])(
    'or hangs (%s) does not prevent the pool from closing',
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
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('keeps running after %s', async (signal) => {
    await using pool = await openFragile({ processes: 1 });
    const pid = await pidOf(pool);
    process.kill(pid, signal);
    expect(await pidOf(pool)).toBe(pid);
  });

  it('is the first that the kernel kills when memory runs out', async () => {
    await using pool = await openFragile({ processes: 1 });
    const score = readFileSync(`/proc/${await pidOf(pool)}/oom_score_adj`, 'utf8');
    expect(Number(score)).toBe(1000);
  });

  it.each(['hang', 'compute', 'wait'])('ends when its parent is killed (%s)', async (order) => {
    const script = fileURLToPath(new URL('../testing/pool-parent.ts', import.meta.url));
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

const photos = join(import.meta.dirname, '../../../../../shared/fixtures/photos');
describe('with 30 photographs that cannot be published', () => {
  const available = existsSync(photos);
  it.skipIf(!available)(
    `the embedded model labels at least 21 correctly${available ? '' : ` (skipped: no ${photos})`}`,
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
