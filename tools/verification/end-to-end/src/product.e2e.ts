import { expect, test } from 'vitest';
import { everLaunched, living, peakDuring } from './fleet-watch.ts';
import { expectRightLabels, expectStored, useImages } from './sent-images.ts';
import { startStack, type StackUnderTest } from './stack-under-test.ts';

const MAX_WORKERS = 3;

const images = useImages(12);
const first = (count: number) => ({ ...images, files: images.files.slice(0, count) });

const expectNoWorkerIsLeft = async (stack: StackUnderTest) => {
  await expect.poll(() => living(stack.fleet), { timeout: 30_000, interval: 100 }).toEqual([]);
  expect(await stack.workers()).toEqual([]);
};

test('has test images with different labels', () => {
  expect(new Set(images.labels.values()).size).toBeGreaterThan(3);
});

test('starts without workers, gives the right labels although a worker is killed, and ends without workers', async () => {
  await using stack = await startStack({
    MAX_WORKERS: String(MAX_WORKERS),
    IDLE_BEFORE_RELEASE_SECONDS: '1',
    // The visibility timeout, after which another worker gets the messages of the killed one.
    VISIBILITY_TIMEOUT_SECONDS: '6',
  });
  expect(await everLaunched(stack.fleet)).toEqual([]);

  await expectRightLabels(stack.url, first(1), { concurrency: 1 });
  expect(await everLaunched(stack.fleet)).toHaveLength(1);

  const killed: Promise<number>[] = [];
  let answers = 0;
  const peak = await peakDuring(stack.fleet, () =>
    expectRightLabels(stack.url, images, {
      concurrency: 4,
      onAnswer: () => {
        answers += 1;
        if (answers === 3) killed.push(stack.killOneWorker());
      },
    }),
  );
  expect(await Promise.all(killed)).toEqual([expect.any(Number)]);
  expect(peak).toBeLessThanOrEqual(MAX_WORKERS);

  await expectStored(stack, [...images.files, ...first(1).files], images);

  await expectNoWorkerIsLeft(stack);
  expect(await stack.end('SIGINT')).toBe(0);
  expect(await stack.processes()).toEqual([]);
});

test('launches a worker for each waiting image up to the maximum, and leaves none when the starter is killed', async () => {
  await using stack = await startStack({
    MAX_WORKERS: String(MAX_WORKERS),
    SCALING_POLICY: 'per-message',
    SLOTS: '1',
    LOCAL_BOOT_SECONDS: '2',
    IDLE_BEFORE_RELEASE_SECONDS: '1',
  });

  await expectRightLabels(stack.url, first(2), { concurrency: 2 });
  expect(await everLaunched(stack.fleet)).toHaveLength(2);
  await expectNoWorkerIsLeft(stack);

  const peak = await peakDuring(stack.fleet, () =>
    expectRightLabels(stack.url, images, { concurrency: images.files.length }),
  );
  expect(peak).toBe(MAX_WORKERS);
  expect(await everLaunched(stack.fleet)).toHaveLength(2 + MAX_WORKERS);

  expect(await stack.workers()).not.toEqual([]);
  expect(await stack.end('SIGKILL')).toBeNull();
  await stack.allEnded();
});
