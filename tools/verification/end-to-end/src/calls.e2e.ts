import { readJson } from '@labelfleet/aws/store';
import {
  FLEET_SNAPSHOT_KEY,
  fleetSnapshotCodec,
  MAX_INLINE_IMAGE_BYTES,
} from '@labelfleet/contracts';
import { textured } from '@labelfleet/inference/testing';
import { callsOfImage } from '@labelfleet/scaling/cost';
import { FaultsClient } from '@labelfleet/testkit/faults-client';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { classifyDirectly } from './classify-directly.ts';
import { expectRightLabels, useImages, type TestImages } from './sent-images.ts';
import { startStack, type StackUnderTest } from './stack-under-test.ts';

const IMAGES = 24;
const ALONE = 8;
/** Longer than deletions wait for others. */
const PAUSE_MS = 600;
const WAIT = { timeout: 30_000, interval: 100 };

const images = useImages(12);

/** The queues of requests and replies, and the buckets of images and results. */
const QUEUES = { queue: 'labelfleet-re*' };
const BUCKETS = { bucket: 'labelfleet-*put' };

/** The kinds of calls with a price. Calls to the state bucket do not depend on the number of images. */
const COUNTED = {
  receives: { action: ['sqs:ReceiveMessage'], match: QUEUES },
  'other-calls': {
    action: ['sqs:SendMessage*', 'sqs:DeleteMessage*', 'sqs:ChangeMessageVisibility*'],
    match: QUEUES,
  },
  puts: { action: ['s3:PutObject', 's3:ListObjects*'], match: BUCKETS },
  gets: { action: ['s3:GetObject', 's3:HeadObject'], match: BUCKETS },
};

/** Counts the calls from now on, by faults without an effect, whose matches the local cloud counts. */
async function countCalls(faults: FaultsClient) {
  await faults.clearAll();
  for (const [id, calls] of Object.entries(COUNTED))
    await faults.set({ id, kind: 'latency', seconds: 0, ...calls });
  return async (kind: keyof typeof COUNTED) =>
    (await faults.list()).find(({ id }) => id === kind)?.matched ?? NaN;
}

/** An image that is too large for its message. */
async function largeImage({ files }: TestImages): Promise<TestImages> {
  const file = join(dirname(files[0] ?? ''), 'large.tiff');
  await textured(400, 300).tiff({ compression: 'none' }).toFile(file);
  expect((await stat(file)).size).toBeGreaterThan(MAX_INLINE_IMAGE_BYTES);
  return { files: [file], labels: await classifyDirectly([file]) };
}

test('makes the documented number of calls for a large image, and fewer for small ones together', async () => {
  await using stack = await startStack({
    MAX_WORKERS: '1',
    IDLE_BEFORE_RELEASE_SECONDS: '600',
    // Long polls, so that few of them end while the calls are counted.
    POLL_SECONDS: '20',
  });
  // After the first image a worker is up and all apps poll.
  await expectRightLabels(stack.url, images, { requests: 2, concurrency: 1 });
  const { sqsStandard, s3Put, s3Get } = callsOfImage({ fifo: false });
  const faults = new FaultsClient(stack.endpoint);

  const large = await largeImage(images);
  await delay(PAUSE_MS);
  const alone = await countCalls(faults);
  for (let sent = 0; sent < ALONE; sent++) {
    await expectRightLabels(stack.url, large, { concurrency: 1 });
    await delay(PAUSE_MS);
  }
  // Two sends and two deletes; the last ones come after the answer.
  await expect.poll(() => alone('other-calls'), WAIT).toBe(4 * ALONE);
  const receives = await alone('receives');
  expect(4 + Math.round(receives / ALONE)).toBe(sqsStandard);
  expect(await alone('puts')).toBe(s3Put * ALONE);
  expect(await alone('gets')).toBe(s3Get * ALONE);

  const together = await countCalls(faults);
  await expectRightLabels(stack.url, images, { requests: IMAGES, concurrency: IMAGES });
  await delay(PAUSE_MS);
  expect(await together('other-calls')).toBeLessThan(3 * IMAGES);
  expect(await together('puts')).toBe(s3Put * IMAGES);
  expect(await together('gets')).toBe(0);

  const sent = 2 + ALONE + IMAGES;
  await expect.poll(async () => (await costOf(stack))?.images, WAIT).toBe(sent);
  const cost = await costOf(stack);
  expect(cost?.parts.store).toBeCloseTo(sent * 1.04e-5, 8);
  expect(cost?.total).toBeGreaterThan(cost?.parts.store ?? NaN);
  expect(await stack.end('SIGINT')).toBe(0);
});

const costOf = async ({ state }: StackUnderTest) =>
  (await readJson(state, FLEET_SNAPSHOT_KEY, fleetSnapshotCodec))?.value.cost;
