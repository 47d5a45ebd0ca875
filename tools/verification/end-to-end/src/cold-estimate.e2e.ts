import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { living } from './fleet-watch.ts';
import { startStack, type StackUnderTest } from './stack-under-test.ts';

const IMAGE = join(import.meta.dirname, '../../../../examples/ladybug.jpg');

async function post({ url }: StackUnderTest, path: string, prefer: string): Promise<Response> {
  return fetch(new URL(path, url), {
    method: 'POST',
    headers: { 'content-type': 'image/jpeg', prefer },
    body: new Uint8Array(await readFile(IMAGE)),
  });
}

interface Queued {
  status: string;
  submittedAt: string;
  completedAt?: string;
  estimatedWait?: { lowSeconds: number; highSeconds: number | null; basis: string };
}

test('says what the model knows before a worker runs, and how long the wait is while one boots', async () => {
  await using stack = await startStack({
    LOCAL_BOOT_SECONDS: '6',
    IDLE_BEFORE_RELEASE_SECONDS: '1',
  });
  const models = await (await fetch(new URL('/v1/models', stack.url))).json();
  expect(models).toMatchObject({
    models: [
      {
        name: 'everyday-100',
        labels: expect.arrayContaining(['ladybug']) as string[],
        accuracy: { images: 5000 },
        calibration: { images: 5000, confidence: 0.95 },
      },
    ],
  });

  // The first boot teaches the scaler how long one takes. No score of the model proves a precision of 0.99.
  const unknown = await post(stack, '/?minPrecision=0.99', 'wait=60');
  expect([unknown.status, await unknown.text()]).toEqual([200, 'unknown']);
  await expect.poll(() => living(stack.fleet), { timeout: 40_000, interval: 200 }).toEqual([]);

  const accepted = await post(stack, '/v1/classifications', 'respond-async');
  expect(accepted.status).toBe(202);
  const link = new URL(accepted.headers.get('location') ?? '', stack.url);
  const read = async () => (await (await fetch(link)).json()) as Queued;
  await expect
    .poll(async () => (await read()).estimatedWait?.basis, { timeout: 5_000, interval: 100 })
    .toMatch(/^No worker is up\. One is starting \(\d+ s of about \d+\)\.$/);
  const askedAt = Date.now();
  const { lowSeconds, highSeconds } = (await read()).estimatedWait ?? {};

  await expect.poll(async () => (await read()).status, { timeout: 40_000 }).toBe('succeeded');
  const waited = (Date.parse((await read()).completedAt ?? '') - askedAt) / 1000;
  expect(waited).toBeGreaterThanOrEqual(lowSeconds ?? Infinity);
  expect(waited).toBeLessThanOrEqual(highSeconds ?? -Infinity);
});
