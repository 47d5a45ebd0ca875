import { runLoad, type Answer } from '@labelfleet/loadgen/run';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { classifyDirectly } from './classify-directly.ts';
import { everLaunched, living, peakDuring } from './fleet-watch.ts';
import { drawImages } from '@labelfleet/testkit/images';
import { startStack, type StackUnderTest } from './stack-under-test.ts';
import { readStored, sha256 } from './stored.ts';

const MAX_WORKERS = 3;

let folder: string;
let files: string[];
let expected: Map<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'end-to-end-images-'));
  files = await drawImages(folder, 12);
  expected = await classifyDirectly(files);
});
afterAll(() => rm(folder, { recursive: true }));

/** Posts each file once and expects the label of direct classification. */
async function expectRightLabels(
  stack: StackUnderTest,
  sent: { files: string[]; threads: number; onAnswer?: (answer: Answer) => void },
): Promise<void> {
  const { answers } = await runLoad({
    url: stack.url,
    field: 'myfile',
    files: sent.files,
    requests: sent.files.length,
    concurrency: sent.threads,
    timeoutMs: 60_000,
    expected,
    onAnswer: sent.onAnswer,
  });
  const told = answers.map(({ file, outcome }) => ({ file, outcome }));
  expect(told.sort((a, b) => sent.files.indexOf(a.file) - sent.files.indexOf(b.file))).toEqual(
    sent.files.map((file) => ({
      file,
      outcome: { kind: 'right', label: expected.get(basename(file)) },
    })),
  );
}

const expectNoWorkerIsLeft = async (stack: StackUnderTest) => {
  await expect.poll(() => living(stack.fleet), { timeout: 30_000, interval: 100 }).toEqual([]);
  expect(await stack.workers()).toEqual([]);
};

test('has test images with different labels', () => {
  expect(new Set(expected.values()).size).toBeGreaterThan(3);
});

test('starts without workers, gives the right labels although a worker is killed, and ends without workers', async () => {
  await using stack = await startStack({
    MAX_WORKERS: String(MAX_WORKERS),
    IDLE_BEFORE_RELEASE_SECONDS: '1',
    // The visibility timeout, after which another worker gets the messages of the killed one.
    VISIBILITY_TIMEOUT_SECONDS: '6',
  });
  expect(await everLaunched(stack.fleet)).toEqual([]);

  await expectRightLabels(stack, { files: files.slice(0, 1), threads: 1 });
  expect(await everLaunched(stack.fleet)).toHaveLength(1);

  const killed: Promise<number>[] = [];
  let answers = 0;
  const peak = await peakDuring(stack.fleet, () =>
    expectRightLabels(stack, {
      files,
      threads: 4,
      onAnswer: () => {
        answers += 1;
        if (answers === 3) killed.push(stack.killOneWorker());
      },
    }),
  );
  expect(await Promise.all(killed)).toEqual([expect.any(Number)]);
  expect(peak).toBeLessThanOrEqual(MAX_WORKERS);

  const sent = [...files, ...files.slice(0, 1)];
  const stored = await readStored(stack.images, stack.results);
  expect(stored.sort(byFileName)).toEqual((await Promise.all(sent.map(asStored))).sort(byFileName));

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

  await expectRightLabels(stack, { files: files.slice(0, 2), threads: 2 });
  expect(await everLaunched(stack.fleet)).toHaveLength(2);
  await expectNoWorkerIsLeft(stack);

  const peak = await peakDuring(stack.fleet, () =>
    expectRightLabels(stack, { files, threads: files.length }),
  );
  expect(peak).toBe(MAX_WORKERS);
  expect(await everLaunched(stack.fleet)).toHaveLength(2 + MAX_WORKERS);

  expect(await stack.workers()).not.toEqual([]);
  expect(await stack.end('SIGKILL')).toBeNull();
  await stack.allEnded();
});

const asStored = async (file: string) => ({
  fileName: basename(file),
  sha256: sha256(await readFile(file)),
  label: expected.get(basename(file)),
});

const byFileName = (a: { fileName: string }, b: { fileName: string }) =>
  a.fileName.localeCompare(b.fileName);
