import { decodeFleetSnapshot, FLEET_SNAPSHOT_KEY } from '@labelfleet/contracts';
import { runLoad } from '@labelfleet/loadgen/run';
import { callsOfImage } from '@labelfleet/scaling/cost';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countCalls } from './count-calls.ts';
import { drawImages } from '@labelfleet/testkit/images';
import { startStack, type StackUnderTest } from './stack-under-test.ts';

const IMAGES = 24;
const WAIT = { timeout: 30_000, interval: 100 };

let folder: string;
let files: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'end-to-end-calls-'));
  files = await drawImages(folder, 12);
});
afterAll(() => rm(folder, { recursive: true }));

/** The queues of requests and replies, and the buckets of images and results. */
const QUEUES = { queue: 'labelfleet-re*' };
const BUCKETS = { bucket: 'labelfleet-*put' };

/** The kinds of calls with a price. Calls to the state bucket do not depend on the number of images. */
const COUNTED = {
  receives: { actions: ['sqs:ReceiveMessage'], where: QUEUES },
  'other-calls': {
    actions: ['sqs:SendMessage*', 'sqs:DeleteMessage*', 'sqs:ChangeMessageVisibility*'],
    where: QUEUES,
  },
  puts: { actions: ['s3:PutObject', 's3:ListObjects*'], where: BUCKETS },
  gets: { actions: ['s3:GetObject', 's3:HeadObject'], where: BUCKETS },
};

async function send({ url }: StackUnderTest, load: { requests: number; concurrency: number }) {
  const { answers } = await runLoad({ url, field: 'myfile', files, timeoutMs: 60_000, ...load });
  expect(answers.filter(({ outcome }) => outcome.kind !== 'right')).toEqual([]);
}

test('makes the documented number of calls for an image, and no more for an image among others', async () => {
  await using stack = await startStack({
    MAX_WORKERS: '1',
    IDLE_BEFORE_RELEASE_SECONDS: '600',
    // Long polls, so that few of them end while the calls are counted.
    POLL_SECONDS: '20',
  });
  // After the first image a worker is up and all apps poll.
  await send(stack, { requests: 2, concurrency: 1 });
  const { sqsStandard, s3Put, s3Get } = callsOfImage({ fifo: false });
  const endpoint = stack.variables['AWS_ENDPOINT_URL'] ?? '';

  const alone = await countCalls(endpoint, COUNTED);
  await send(stack, { requests: IMAGES, concurrency: 1 });
  // Two sends and two deletes; the last ones come after the answer.
  await expect.poll(() => alone.count('other-calls'), WAIT).toBe(4 * IMAGES);
  const receives = await alone.count('receives');
  expect(4 + Math.round(receives / IMAGES)).toBe(sqsStandard);
  expect(await alone.count('puts')).toBe(s3Put * IMAGES);
  expect(await alone.count('gets')).toBe(s3Get * IMAGES);
  await alone.clear();

  const together = await countCalls(endpoint, COUNTED);
  await send(stack, { requests: IMAGES, concurrency: IMAGES });
  expect(await together.count('other-calls')).toBeLessThanOrEqual(4 * IMAGES);
  expect(await together.count('puts')).toBe(s3Put * IMAGES);

  const images = 2 + 2 * IMAGES;
  await expect.poll(async () => (await costOf(stack))?.images, WAIT).toBe(images);
  const cost = await costOf(stack);
  expect(cost?.parts.store).toBeCloseTo(images * 1.04e-5, 8);
  expect(cost?.total).toBeGreaterThan(cost?.parts.store ?? NaN);
  expect(await stack.end('SIGINT')).toBe(0);
});

async function costOf({ state }: StackUnderTest) {
  const object = await state.get(FLEET_SNAPSHOT_KEY);
  const decoded = decodeFleetSnapshot(new TextDecoder().decode(object?.body));
  return decoded.kind === 'decoded' ? decoded.value.cost : undefined;
}
