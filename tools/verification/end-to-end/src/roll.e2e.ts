import type { Fleet } from '@labelfleet/aws/fleet';
import { connectAws } from '@labelfleet/testkit/aws-clients';
import { FaultsClient } from '@labelfleet/testkit/faults-client';
import { addTemplateVersion } from '@labelfleet/testkit/test-instances';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listFleet, watchDuring } from './fleet-watch.ts';
import { expectRightLabels, expectStored, useImages } from './sent-images.ts';
import { startStack, type StackUnderTest } from './stack-under-test.ts';

/** `npx nx run end-to-end:roll` sends 500. */
const IMAGES = Number(process.env['ROLL_IMAGES'] ?? 120);
const WORKERS = 2;
const MAX_WORKERS = 3;

const images = useImages(12);

const livingWorkers = async (fleet: Fleet) =>
  (await listFleet(fleet)).filter(({ state }) => state !== 'terminated');

async function publishVersion({ endpoint, fleet }: StackUnderTest): Promise<void> {
  const template = (await livingWorkers(fleet))[0]?.template;
  if (template === undefined) throw new Error('there is no worker with a template');
  using aws = connectAws(endpoint);
  await addTemplateVersion(aws, template);
}

/** The id of each request that a worker completed, as often as one did. */
async function completedRequests({ dataDir }: StackUnderTest): Promise<string[]> {
  const folder = join(dataDir, 'cloud', 'logs');
  const logs = await Promise.all(
    (await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')),
  );
  return logs
    .flatMap((log) => log.split('\n'))
    .filter((line) => line.includes('"request.completed"'))
    .map((line) => (JSON.parse(line) as { requestId: string }).requestId);
}

test(`a new version of the launch template amid ${IMAGES} images replaces all workers, and no image is lost or done twice`, async () => {
  await using stack = await startStack({
    WORKER_ROLL: 'true',
    MIN_WORKERS: String(WORKERS),
    MAX_WORKERS: String(MAX_WORKERS),
    LOCAL_BOOT_SECONDS: '1',
  });
  const isServedBy = (version: string) =>
    expect
      .poll(
        async () => (await livingWorkers(stack.fleet)).map(({ template }) => template?.version),
        {
          timeout: 80_000,
          interval: 200,
        },
      )
      .toEqual(Array(WORKERS).fill(version));
  await isServedBy('1');
  // So slow that the images last for the roll.
  const slow = { kind: 'latency', action: 's3:PutObject', match: { bucket: '*output*' } };
  await new FaultsClient(stack.endpoint).set({ ...slow, seconds: 0.2 });

  let answers = 0;
  let published: Promise<void> | undefined;
  let most = 0;
  const seen = new Set<string>();
  const during = async () => {
    await expectRightLabels(stack.url, images, {
      requests: IMAGES,
      concurrency: 4,
      onAnswer() {
        answers += 1;
        if (answers === IMAGES / 2) published = publishVersion(stack);
      },
    });
    await published;
    await isServedBy('2');
  };
  const observe = () => livingWorkers(stack.fleet);
  await watchDuring(observe, during, (alive) => {
    most = Math.max(most, alive.length);
    for (const { instanceId, template } of alive) seen.add(`${template?.version} ${instanceId}`);
  });
  expect(most).toBeLessThanOrEqual(MAX_WORKERS);
  // One replacement each.
  expect([...seen].filter((each) => each.startsWith('2 '))).toHaveLength(WORKERS);

  const sent = Array.from({ length: IMAGES }, (_, index) => images.files[index % 12] ?? '');
  await expectStored(stack, sent, images);
  const completed = await completedRequests(stack);
  expect(completed).toHaveLength(IMAGES);
  expect(new Set(completed).size).toBe(IMAGES);
  expect(await stack.end('SIGINT')).toBe(0);
}, 200_000);
