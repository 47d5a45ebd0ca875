import { drawImages } from '@labelfleet/testkit/images';
import { textured, withEmptyScans } from '@labelfleet/inference/testing';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startStack, type StackUnderTest } from './stack-under-test.ts';

async function send(
  { url }: StackUnderTest,
  image: Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) {
  const body = new FormData();
  body.set('image', new Blob([image]), 'image.jpg');
  const call = { method: 'POST', body, headers };
  const answer = await fetch(new URL('/v1/classifications', url), call);
  const json = (await answer.json()) as { status?: unknown; attempts?: unknown; detail?: string };
  return { http: answer.status, ...json };
}

/** Decoding it takes half a minute. */
async function slowImage() {
  const progressive = await textured(3000, 2000).jpeg({ progressive: true }).toBuffer();
  return withEmptyScans(progressive, 30_000);
}

test('fails images that are slow to decode, and answers all others', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slow-images-'));
  try {
    const [good = ''] = await drawImages(folder, 1);
    const goodImage = new Uint8Array(await readFile(good));
    const slow = await slowImage();
    await using stack = await startStack({
      MAX_WORKERS: '1',
      INFERENCE_THREADS: '2',
      MAX_DECODE_SECONDS: '2',
      IDLE_BEFORE_RELEASE_SECONDS: '60',
    });
    expect(await send(stack, goodImage)).toMatchObject({ http: 200 });
    const [worker] = await stack.workers();

    const slowAnswers = Promise.all([slow, slow, slow].map((image) => send(stack, image)));
    const goodAnswers = Promise.all(
      [goodImage, goodImage, goodImage].map((image) => send(stack, image)),
    );
    for (const answer of await slowAnswers)
      expect(answer).toMatchObject({
        http: 422,
        detail: expect.stringContaining('2 s of computing') as string,
      });
    for (const answer of await goodAnswers) expect(answer).toMatchObject({ http: 200 });
    // The same worker still works.
    expect(await send(stack, goodImage)).toMatchObject({ http: 200 });
    expect(await stack.workers()).toEqual([worker]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('leaves no process of a worker that is killed during an attempt', async () => {
  await using stack = await startStack({ MAX_WORKERS: '1', INFERENCE_THREADS: '1' });
  await send(stack, await slowImage(), { prefer: 'respond-async' });
  const ofWorkers = async () =>
    (await stack.processes()).filter(({ name }) => name.includes('apps/worker/'));
  await expect.poll(ofWorkers, { timeout: 30_000 }).toHaveLength(2);
  const before = await ofWorkers();
  await stack.killOneWorker();
  await expect
    .poll(async () => (await ofWorkers()).filter(({ pid }) => before.some((b) => b.pid === pid)), {
      timeout: 30_000,
    })
    .toEqual([]);
});
