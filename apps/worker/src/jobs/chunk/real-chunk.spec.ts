import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import { problemCode, type JobLine } from '@labelfleet/contracts';
import { embeddedModelDir, openClassifier, type Classifier } from '@labelfleet/inference';
import { brightness, slowModelDir, textured } from '@labelfleet/inference/testing';
import { FaultsClient } from '@labelfleet/testkit/faults-client';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  isEmpty,
  openJobBench,
  startJobWorker,
  workUntilEmpty,
  type JobImage,
} from '../../testing/job-bench.ts';

const WAIT = { timeout: 30_000, interval: 20 };
const EXAMPLES = join(import.meta.dirname, '../../../../../examples');

let cloud: TestCloud;
let classifier: Classifier;
let photos: Buffer[];
beforeAll(async () => {
  [cloud, classifier] = await Promise.all([
    startTestCloud(),
    openClassifier({ modelDir: embeddedModelDir, threads: 2, maxPixels: 50_000_000 }),
  ]);
  const names = (await readdir(EXAMPLES)).filter((name) => name.endsWith('.jpg')).slice(0, 6);
  photos = await Promise.all(names.map((name) => readFile(join(EXAMPLES, name))));
});
afterAll(async () => {
  await classifier[Symbol.asyncDispose]();
  await cloud[Symbol.asyncDispose]();
});

const inShort = (line: JobLine) =>
  line.status === 'succeeded' ? (line.label ?? 'unknown') : problemCode(line.problem);

/** Five images in a hundred cannot be classified, each for another reason. */
function mixedImages(maxImageBytes: number): { images: JobImage[]; bad: Map<number, string> } {
  const images = Array.from({ length: 100 }, (_, index): JobImage => {
    const body = photos[index % photos.length] ?? Buffer.alloc(0);
    return { key: `${index} a+b ü.jpg`, body, size: body.length };
  });
  const photo = photos[0] ?? Buffer.alloc(0);
  const large = Buffer.concat([photo, Buffer.alloc(maxImageBytes)]);
  const bad: [number, JobImage, string][] = [
    [3, { key: 'cut.jpg', body: photo.subarray(0, 5_000) }, 'invalid-image'],
    [20, { key: 'notes.txt', body: Buffer.from('no image') }, 'unsupported-media-type'],
    [21, { key: 'empty.jpg', body: Buffer.alloc(0), size: 0 }, 'unsupported-media-type'],
    [40, { key: 'gone.jpg', body: null, size: 10_000 }, 'image-missing'],
    [60, { key: 'large.jpg', body: large, size: large.length }, 'payload-too-large'],
    [61, { key: 'large, size unknown.jpg', body: large }, 'payload-too-large'],
    [80, { key: 'denied.jpg', body: photo, size: photo.length }, 'forbidden'],
    [99, { key: 'x'.repeat(1024), body: photo.subarray(0, -9) }, 'invalid-image'],
  ];
  for (const [index, image] of bad) images[index] = image;
  return { images, bad: new Map(bad.map(([index, , code]) => [index, code])) };
}

describe.each([
  { name: 'a first delivery', resent: undefined },
  { name: 'a redelivery', resent: true as const },
])('a chunk of 100 images, at $name,', ({ resent }) => {
  test('gets one part whose lines are in order and say what is wrong with the bad ones', async () => {
    const maxImageBytes = 1_000_000;
    const { images, bad } = mixedImages(maxImageBytes);
    const bench = await openJobBench(images, { cloud, topK: 3 });
    const faults = new FaultsClient(cloud.endpoint);
    const denied = { kind: 'error', status: 403, code: 'AccessDenied', action: 'GetObject' };
    await faults.set({ id: 'denied', ...denied, match: { key: 'denied.jpg' } });
    await bench.send(0, resent && { resent });
    const worker = await workUntilEmpty(bench, { classifier, maxImageBytes });
    await faults.clear('denied');

    const lines = (await bench.lines()) ?? [];
    const labels = await Promise.all(
      photos.map(async (photo) => {
        const outcome = await classifier.classify(photo, { topK: 3 });
        return outcome.kind === 'classified' ? outcome.predictions : [];
      }),
    );
    expect(lines.map(inShort)).toEqual(
      images.map((_, index) => bad.get(index) ?? labels[index % photos.length]?.[0]?.label),
    );
    expect(lines.map(({ image }) => image)).toEqual(images.map(({ key }) => `s3://photos/${key}`));
    expect(lines[0]).toMatchObject({ predictions: labels[0], score: labels[0]?.[0]?.score });
    for (const line of lines)
      if (line.status === 'failed') expect(line.problem.detail).toMatch(/\.$|\)\.$/);

    const summary = await bench.parts.summary(0, 0);
    const counts = { succeeded: 100 - bad.size, failed: bad.size, skipped: 0 };
    expect(summary).toMatchObject({ ...counts, worker: 'i-1', model: 'everyday-100/1' });
    expect(summary.busyMs).toBeGreaterThan(10);
    // The test's price is one dollar a second.
    expect(summary.nanoUsd).toBeGreaterThan(summary.busyMs * 0.999e6 - 1e6);
    expect((await bench.store.donePages(bench.job.id)).get(0)).toMatchObject(counts);
    expect(worker.jobActivity.report()).toMatchObject({ openChunks: 0, images: 100, processes: 2 });
    expect(worker.jobActivity.report().classifySeconds).toBeGreaterThan(0);
  });
});

test('two workers that hold the same chunk make one part', async () => {
  const images = photos.map((body, index) => ({ key: `${index}.jpg`, body }));
  const bench = await openJobBench(images, { cloud });
  await Promise.all([bench.send(), bench.send()]);
  const start = (instanceId: string) => startJobWorker(bench, { classifier, instanceId });
  await using first = start('i-1');
  await using second = start('i-2');
  await expect.poll(() => isEmpty(bench), WAIT).toBe(true);
  const outcomes = await Promise.all(
    [first, second].map(async ({ metrics }) => (await metrics.jobChunks.get()).values),
  );
  const count = (outcome: string) =>
    outcomes
      .flat()
      .reduce((sum, { labels, value }) => sum + (labels.outcome === outcome ? value : 0), 0);
  expect([count('stored'), count('found')]).toEqual([1, 1]);
  expect(await bench.lines()).toHaveLength(images.length);
  expect((await bench.store.donePages(bench.job.id)).get(0)).toMatchObject({
    succeeded: images.length,
  });
});

test('a label that is not precise enough is unknown, as for a request', async () => {
  const image = await textured().jpeg().toBuffer();
  const bench = await openJobBench([{ key: 'texture.jpg', body: image }], {
    cloud,
    minPrecision: 0.99,
  });
  await bench.send();
  await workUntilEmpty(bench, { classifier });
  expect(await bench.lines()).toEqual([
    {
      ...{ status: 'succeeded', image: 's3://photos/texture.jpg', label: null, unknown: true },
      score: expect.any(Number) as number,
    },
  ]);
});

test('without a calibration table a demanded precision is a problem of each image, as for a request', async () => {
  await using uncalibrated = await openClassifier({
    ...{ modelDir: slowModelDir, threads: 1, maxPixels: 1_000 },
  });
  const body = await brightness(0);
  const bench = await openJobBench([{ key: 'grey.png', body }], { cloud, minPrecision: 0.9 });
  await bench.send();
  await workUntilEmpty(bench, { classifier: uncalibrated });
  expect((await bench.lines())?.map(inShort)).toEqual(['invalid-parameter']);
});
