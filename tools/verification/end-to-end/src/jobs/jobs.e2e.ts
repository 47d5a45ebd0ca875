import { createJobs, type Job, type Jobs } from '@labelfleet/client/jobs';
import { drawImages } from '@labelfleet/testkit/images';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { classifyDirectly } from '../classify-directly.ts';
import { startStack, type StackUnderTest } from '../stack-under-test.ts';
import { expectLines } from './expect-lines.ts';
import { all, saying } from './judge-lines.ts';
import { storeImages, storeSlowImages, type StoredImages } from './stored-images.ts';
import { watchParts } from './watch-parts.ts';

/** npx nx run end-to-end:jobs has 20,000. */
const IMAGES = Number(process.env['JOB_IMAGES'] ?? 2_000);
const WORKERS = 2;
/** The most images that a worker goes on with after a stop: two chunks. */
const IN_HAND = 200;
const NOISE = 0.25;
/** For many images on a busy machine. */
const LONG = { timeout: 60_000 + 30 * IMAGES };

let stack: StackUnderTest;
let jobs: Jobs;
let bucket: string;
let images: StoredImages;

beforeAll(async () => {
  stack = await startStack({ MIN_WORKERS: String(WORKERS), MAX_WORKERS: String(WORKERS) });
  jobs = createJobs({ url: stack.url });
  bucket = stack.images.bucket;
  images = await storeImages(stack.images, 'uploads/many/', IMAGES);
}, LONG.timeout);
afterAll(() => stack[Symbol.asyncDispose]());

const address = (key: string) => `s3://${bucket}/${key}`;
const createMany = (more: object = {}) =>
  jobs.create({ source: { prefix: address(images.prefix) }, ...more });

async function end(job: Job): Promise<Job> {
  const states = await all(jobs.follow(job.id));
  return states.at(-1) ?? job;
}

const failedIn = ({ expected }: StoredImages) =>
  [...expected.values()].filter((one) => 'problem' in one).length;

const resultsOf = (job: Job) => all(jobs.results(job.id));

describe(`${IMAGES} images and ${WORKERS} workers:`, () => {
  let done: Job;
  test('every image gets one line with the label of direct classification', LONG, async () => {
    const watch = watchParts(stack.endpoint, stack.results.bucket);
    try {
      const created = await createMany();
      done = await end(created);
    } finally {
      await watch[Symbol.asyncDispose]();
    }
    const failed = failedIn(images);
    const counts = { succeeded: IMAGES - failed, failed, skipped: 0 };
    expect(done).toMatchObject({
      status: 'succeeded',
      counts: { ...counts, listed: IMAGES, remaining: 0 },
      costUsd: expect.any(Number) as number,
    });
    const seconds = (Date.parse(done.completedAt ?? '') - Date.parse(done.createdAt)) / 1000;
    process.stdout.write(`${IMAGES} images in ${seconds} s for ${done.costUsd} USD\n`);
    expectLines(await resultsOf(done), bucket, images);
    expect(watch.keys.size).toBeGreaterThanOrEqual(IMAGES / 100);
    expect(watch.rewritten).toEqual([]);
  });

  test('the errors are the lines of the bad images, with the reason', async () => {
    const errors = await all(jobs.errors(done.id));
    expect(errors).toHaveLength(failedIn(images));
    expect(errors.every(({ status }) => status === 'failed')).toBe(true);
    const problems = new Set(errors.map((line) => JSON.stringify(saying(line))));
    expect(problems.size).toBe(2);
  });

  test('the CSV has the same lines', async () => {
    const chunks = await all(jobs.download(done.id, 'results', { format: 'csv' }));
    const text = Buffer.concat(chunks).toString();
    const [header] = text.split('\r\n', 1);
    expect(header).toBe('image,id,line,status,label,score,problem,detail');
    // Other line ends are within quotes.
    expect(text.match(/(succeeded|failed),[^\r\n]*\r\n/g)?.length ?? 0).toBe(IMAGES);
  });

  test('the dry run before has told cost and time', LONG, async () => {
    const estimate = await jobs.estimate({ source: { prefix: address(images.prefix) } });
    process.stdout.write(`${JSON.stringify(estimate, null, 1)}\n`);
    const again = await end(await createMany({ topK: 2 }));
    const seconds = (Date.parse(again.completedAt ?? '') - Date.parse(again.createdAt)) / 1000;
    process.stdout.write(`${seconds} s, ${again.costUsd} USD\n`);
    expect(estimate).toMatchObject({ images: IMAGES, complete: true });
    expect(seconds).toBeGreaterThanOrEqual(estimate.seconds.low / (1 + NOISE));
    expect(seconds).toBeLessThanOrEqual(estimate.seconds.high * (1 + NOISE));
    // Without boots. On a busy machine images take longer in one run than in the other.
    const { instances, calls, high = 0 } = estimate.costUsd ?? {};
    const low = (instances?.low ?? 0) + (calls?.low ?? 0);
    expect(again.costUsd).toBeGreaterThanOrEqual(low / (1 + NOISE));
    expect(again.costUsd).toBeLessThanOrEqual(high * (1 + NOISE));
  });

  test('a cancel in the middle ends the job within one chunk of each worker', LONG, async () => {
    const job = await createMany({ topK: 3 });
    let atCancel: Job | undefined;
    for await (const state of jobs.follow(job.id)) {
      const done = state.counts.succeeded + state.counts.failed;
      if (atCancel === undefined && done > 0) {
        atCancel = await jobs.cancel(job.id);
        expect(atCancel.status).toBe('canceling');
      }
    }
    const canceled = await jobs.read(job.id);
    const { listed, succeeded, failed, skipped } = canceled.counts;
    expect(canceled).toMatchObject({ status: 'canceled', stop: { reason: 'canceled' } });
    expect(succeeded + failed + skipped).toBe(listed);
    expect(skipped).toBeGreaterThan(0);
    // Counts are of whole pages, so a page may have been under way at the cancel.
    const before = (atCancel?.counts.succeeded ?? 0) + (atCancel?.counts.failed ?? 0);
    expect(succeeded + failed - before).toBeLessThanOrEqual(1_000 + WORKERS * IN_HAND);
    const lines = await resultsOf(canceled);
    expect(lines).toHaveLength(succeeded + failed);
    expect(new Set(lines.map(({ image }) => image)).size).toBe(lines.length);
  });
});

test.runIf(IMAGES >= 10_000)('a job over its budget stops and says so', LONG, async () => {
  // They cost several times what is expected of an image.
  const prefix = 'uploads/slow/';
  await storeSlowImages(stack.images, prefix, 1_600);
  const source = { prefix: address(prefix) };
  const { costUsd } = await jobs.estimate({ source });
  const stopped = await end(await jobs.create({ source, maxCostUsd: costUsd?.low }));
  const { listed, succeeded, skipped } = stopped.counts;
  expect(stopped).toMatchObject({ status: 'failed', stop: { reason: 'budget' } });
  expect(skipped).toBeGreaterThan(0);
  expect(succeeded + skipped).toBe(listed);
  expect(await resultsOf(stopped)).toHaveLength(succeeded);
});

test('a manifest may have broken lines, images that are missing, and ids', async () => {
  const [key = ''] = [...images.expected].find(([, one]) => 'label' in one) ?? [];
  const line = (key: string, id?: string) => JSON.stringify({ key, id });
  const lines = [
    line(address(key), 'mine'),
    'no JSON',
    line(address('uploads/missing.jpg')),
    '',
    line('s3://other-bucket/a.jpg'),
    line(address(key)),
  ];
  const manifest = 'uploads/list.jsonl';
  await stack.images.put(manifest, lines.join('\n'), { contentType: 'application/x-ndjson' });
  const done = await end(await jobs.create({ source: { manifest: address(manifest) } }));
  expect(done).toMatchObject({
    status: 'succeeded',
    counts: { listed: 5, succeeded: 2, failed: 3 },
  });
  const found = (await resultsOf(done)).map((one) => [
    one.image ?? (one.status === 'failed' ? one.line : undefined),
    ...[one.id, saying(one)],
  ]);
  const expected = images.expected.get(key);
  expect(found).toEqual([
    [address(key), 'mine', expected],
    [2, undefined, { problem: 'invalid-line' }],
    [address('uploads/missing.jpg'), undefined, { problem: 'image-missing' }],
    [5, undefined, { problem: 'forbidden' }],
    [address(key), undefined, expected],
  ]);
});

test.each([
  ['a prefix without images', 'uploads/none/', 'not-found'],
  ['the images of others', '', 'forbidden'],
])('%s is refused', async (_case, prefix, code) => {
  await expect(jobs.create({ source: { prefix: address(prefix) } })).rejects.toMatchObject({
    code,
  });
});

describe('a folder, from the command line', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'job-cli-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const job = async (...args: string[]) => {
    const script = join(import.meta.dirname, '../../../../cli/src/job.ts');
    const env = { PATH: process.env['PATH'], LABELFLEET_DATA_DIR: stack.dataDir };
    return await promisify(execFile)(process.execPath, [script, ...args], { env });
  };

  test('is uploaded once and classified once', async () => {
    const files = await drawImages(join(folder, 'holiday'), 12);
    const labels = await classifyDirectly(files);
    const out = join(folder, 'labels.csv');
    const first = await job(join(folder, 'holiday'), '--out', out);
    expect(first.stderr).toContain('Uploaded 12 images.');
    const rows = (await readFile(out, 'utf8')).trimEnd().split('\r\n').slice(1);
    const found = rows.map((row) => row.split(',')).map(([, id, , , label]) => [id, label]);
    expect(new Map(found as [string, string][])).toEqual(labels);

    const second = await job(join(folder, 'holiday'), '--out', out);
    expect(second.stderr).toContain('Uploaded 0 images; 12 were there.');
    const idIn = (text: string) => /Job ([0-9a-f-]{36})/.exec(text)?.[1] ?? '';
    expect(idIn(second.stderr)).toBe(idIn(first.stderr));

    const { stdout } = await job('status', idIn(first.stderr));
    expect(stdout).toMatch(/^[0-9a-f-]{36}\tsucceeded\ts3:[^]*12 images classified/);
    expect((await job('list')).stdout).toContain(idIn(first.stderr));
    expect((await job('errors', idIn(first.stderr))).stdout).toBe('');
  });

  test('is priced without an upload', async () => {
    await drawImages(join(folder, 'other'), 3);
    const { stdout, stderr } = await job(join(folder, 'other'), '--dry-run');
    expect(stdout).toMatch(/^3 images, [\d.]+ KB: .* USD, .* s with 1 worker\n$/);
    expect(stderr).toContain('Not uploaded: 3 images');
    const keys = await stack.images.list('uploads/other-', 10);
    expect(keys).toEqual([expect.stringMatching(/\.jsonl$/)]);
  });
});
