import { fleetSnapshotSchema } from '@labelfleet/contracts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { everLaunched, living } from './fleet-watch.ts';
import { startStack, type StackUnderTest } from './stack-under-test.ts';

const BOOT_SECONDS = 6;
const IMAGE = join(import.meta.dirname, '../../../../examples/ladybug.jpg');

async function post(stack: StackUnderTest, deadlineSeconds?: number): Promise<Response> {
  return fetch(stack.url, {
    method: 'POST',
    headers: {
      'content-type': 'image/jpeg',
      ...(deadlineSeconds !== undefined && { 'x-deadline-seconds': String(deadlineSeconds) }),
    },
    body: new Uint8Array(await readFile(IMAGE)),
  });
}

/** The fleet as the gateway knows it, up to a second after its publication. */
async function estimatedWaitSeconds(stack: StackUnderTest): Promise<number | null> {
  const response = await fetch(new URL('/v1/fleet', stack.url));
  const { estimatedWaitSeconds } = fleetSnapshotSchema
    .pick({ estimatedWaitSeconds: true })
    .parse(await response.json());
  return estimatedWaitSeconds;
}

test('refuses a deadline that no boot can meet, launches a worker, and meets the deadline at the retry', async () => {
  await using stack = await startStack({
    LOCAL_BOOT_SECONDS: String(BOOT_SECONDS),
    IDLE_BEFORE_RELEASE_SECONDS: '1',
  });
  // This teaches the scaler the boot time; before that the gateway refuses nothing.
  expect((await post(stack)).status).toBe(200);
  await expect.poll(() => living(stack.fleet), { timeout: 40_000, interval: 200 }).toEqual([]);
  await expect
    .poll(() => estimatedWaitSeconds(stack), { timeout: 10_000 })
    .toBeGreaterThan(BOOT_SECONDS);
  const before = (await everLaunched(stack.fleet)).length;

  const refused = await post(stack, 5);
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({
    detail: expect.stringMatching(/^No worker is up; one starts in about \d+ s/) as string,
  });
  // A caller that follows Retry-After waits this long, and the retry must succeed then.
  await delay(1000 * Number(refused.headers.get('retry-after')));
  const answered = await post(stack, 5);
  expect([answered.status, await answered.text()]).toEqual([200, 'ladybug']);
  expect(await everLaunched(stack.fleet)).toHaveLength(before + 1);

  // Refused demand does not keep workers running.
  await expect.poll(() => living(stack.fleet), { timeout: 60_000, interval: 200 }).toEqual([]);
});
