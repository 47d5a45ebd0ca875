import { runLoad, type Answer, type Load } from '@labelfleet/loadgen/run';
import { drawImages } from '@labelfleet/testkit/images';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { classifyDirectly } from './classify-directly.ts';
import type { StackUnderTest } from './stack-under-test.ts';
import { readStored, sha256Of } from './stored.ts';

/** Images on disk, and their labels by direct classification, by file name. */
export interface TestImages {
  files: string[];
  labels: Map<string, string>;
}

/** Draws images before the tests of a file and removes them afterwards. */
export function useImages(count: number): TestImages {
  const images: TestImages = { files: [], labels: new Map() };
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'end-to-end-images-'));
    images.files = await drawImages(folder, count);
    images.labels = await classifyDirectly(images.files);
  });
  afterAll(() => rm(folder, { recursive: true }));
  return images;
}

/** Posts each file once, unless the load says otherwise, and expects the labels of direct classification. */
export async function expectRightLabels(
  url: URL,
  { files, labels }: TestImages,
  load: Partial<Load> & Pick<Load, 'concurrency'>,
): Promise<Answer[]> {
  const { requests = files.length } = load;
  const common = { url, field: 'myfile', files, timeoutMs: 60_000, expected: labels };
  const { answers } = await runLoad({ ...common, requests, ...load });
  const sent = Array.from({ length: requests }, (_, index) => files[index % files.length] ?? '');
  expect(answers.map(({ file, outcome }) => ({ file, outcome })).sort(byFile)).toEqual(
    sent
      .map((file) => ({ file, outcome: { kind: 'right', label: labels.get(basename(file)) } }))
      .sort(byFile),
  );
  return answers;
}

/** Expects an image and its result in the buckets for each sent file, and no others. */
export async function expectStored(
  stack: StackUnderTest,
  sent: readonly string[],
  { labels }: Pick<TestImages, 'labels'>,
): Promise<void> {
  const stored = (await readStored(stack)).map(({ file, sha256, result }) => {
    return { file, sha256, label: result.status === 'succeeded' ? result.label : undefined };
  });
  const expected = sent.map(async (path) => {
    const file = basename(path);
    return { file, sha256: sha256Of(await readFile(path)), label: labels.get(file) };
  });
  expect(stored.sort(byFile)).toEqual((await Promise.all(expected)).sort(byFile));
}

const byFile = (a: { file: string }, b: { file: string }) => a.file.localeCompare(b.file);
