import { AwsCallError } from '@labelfleet/aws/errors';
import { chunksOf, type JobSource, type StoredJob } from '@labelfleet/contracts';
import { systemClock } from '@labelfleet/runtime';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  noAnswer,
  openPlanBench,
  type PlanBench,
  type WorkerOptions,
} from '../testing/plan-bench.ts';

const forever = new AbortController().signal;
const never = () => false;

/** More than one page. */
const MANY = Array.from({ length: 1_003 }, (_, index) => `many/${1_000 + index}.jpg`);

let bench: PlanBench;
beforeAll(async () => {
  bench = await openPlanBench();
  await store(...MANY.map((key) => [key, 'x'] as const));
  return () => bench[Symbol.asyncDispose]();
});

const prefixOf = (prefix: string, fields: object = {}): JobSource => ({
  kind: 'prefix',
  bucket: 'images',
  prefix,
  ...fields,
});

async function store(...objects: (readonly [key: string, body: string])[]): Promise<void> {
  const bucket = bench.cloud.s3.store('images');
  const left = objects.values();
  const lane = async () => {
    for (const [key, body] of left) await bucket.put(key, body, { contentType: 'image/jpeg' });
  };
  await Promise.all(Array.from({ length: 16 }, lane));
}

/** A clock whose sleeps take no time. */
function quickClock() {
  let nowMs = 0;
  return {
    ...systemClock,
    monotonicMs: () => nowMs,
    sleep: async (ms: number) => void (nowMs += ms),
  };
}

async function planned(source: JobSource, options: WorkerOptions = {}, fields: object = {}) {
  const job = await bench.newJob(source, fields);
  const worker = bench.worker(options);
  expect(await worker.handlePlan(job.id, forever, never)).toBe('done');
  return { job, worker, ...(await storedOf(job)) };
}

async function storedOf({ id }: StoredJob) {
  const { jobs } = bench;
  const numbers = await jobs.pageNumbers(id);
  const pages = await Promise.all(numbers.map(async (page) => (await jobs.page(id, page))!));
  return { pages, plan: await jobs.plan(id), summary: await jobs.summary(id) };
}

const manyLines = (count: number) =>
  Array.from({ length: count }, (_, index) => `{"key":"s3://images/${index}.jpg"}\n`).join('');

describe('the images of a prefix', () => {
  test('are its objects in order, without placeholders of folders', async () => {
    const keys = ['odd/ two  words.jpg', 'odd/+&=?#%20.jpg', 'odd/Bär/日本/🐞.jpg'];
    const longest = `odd/${'é'.repeat(510)}`;
    await store(...[...keys, longest].map((key) => [key, 'image'] as const));
    await store(['odd/', ''], ['odd/folder/', ''], ['odd/slash/', 'an image'], ['odder', 'no']);
    const { pages, plan, worker } = await planned(prefixOf('odd/'));
    const images = [
      ...keys.map((key) => ({ key, bytes: 5 })),
      { key: 'odd/slash/', bytes: 8 },
      { key: longest, bytes: 5 },
    ];
    expect(pages).toEqual([
      expect.objectContaining({ images, next: null, listed: { images: 5, bytes: 28 } }),
    ]);
    expect(plan).toMatchObject({ pages: 1, images: 5, bytes: 28, cut: false });
    expect(worker.sent).toEqual([expect.objectContaining({ page: 0, chunk: 0 })]);
  });

  test('are those that its patterns want', async () => {
    await store(['some/a.jpg', ''], ['some/raw/b.jpg', ''], ['some/c.txt', ''], ['some/d.png', '']);
    const { pages } = await planned(
      prefixOf('some/', { include: ['*.jpg', '*.png'], exclude: ['*/raw/*'] }),
    );
    expect(pages[0]!.images).toEqual([
      { key: 'some/a.jpg', bytes: 0 },
      { key: 'some/d.png', bytes: 0 },
    ]);
  });

  test('are listed page by page', async () => {
    const { pages, plan, worker } = await planned(prefixOf('many/'), { chunkImages: () => 70 });
    expect(pages.map(({ images }) => images.length)).toEqual([1_000, 3]);
    expect(pages[0]!.next).toEqual({ afterKey: 'many/1999.jpg' });
    expect(pages.flatMap(({ images }) => images)).toEqual(MANY.map((key) => ({ key, bytes: 1 })));
    expect(plan).toMatchObject({ pages: 2, images: 1_003, bytes: 1_003 });
    expect(worker.sent).toHaveLength(chunksOf(pages[0]!) + 1);
    expect(worker.sent.filter(({ resent }) => resent)).toEqual([]);
  });

  test.each([
    { maxImages: 0, pages: [0] },
    { maxImages: 3, pages: [3] },
    { maxImages: 1_000, pages: [1_000] },
    { maxImages: 1_002, pages: [1_000, 2] },
    { maxImages: 5_000, pages: [1_000, 3] },
  ])('are $maxImages at most, if its caller may have no more', async ({ maxImages, pages }) => {
    const found = await planned(prefixOf('many/'), {}, { maxImages });
    expect(found.pages.map(({ images }) => images.length)).toEqual(pages);
    const images = Math.min(maxImages, MANY.length);
    expect(found.plan).toMatchObject({ images, bytes: images, cut: false });
  });

  test('may be none: then the job is completed at once', async () => {
    const { job, summary, worker } = await planned(prefixOf('none/'), {}, { notify: 'shop' });
    expect(summary).toMatchObject({ status: 'succeeded', images: 0, pages: 1 });
    expect(worker.webhooks).toEqual([
      { v: 1, type: 'job.completed', id: job.id, receiver: 'shop' },
    ]);
    expect(await bench.jobs.isActive(job.id)).toBe(false);
  });
});

describe('a manifest', () => {
  test('is read in ranges, and a broken line is an image that failed', async () => {
    const lines = manyLines(9_000).split('\n');
    lines[4_999] = '{"key": ';
    const { pages, plan } = await planned(await bench.manifest('long.jsonl', lines.join('\n')));
    const images = pages.flatMap((page) => page.images);
    expect(images).toHaveLength(9_000);
    expect(images[4_998]).toEqual({ bucket: 'images', key: '4998.jpg' });
    expect(images[4_999]).toMatchObject({ line: 5_000 });
    expect(images[8_999]).toEqual({ bucket: 'images', key: '8999.jpg' });
    expect(plan).toMatchObject({ images: 9_000, bytes: 0, cut: false });
  });

  test('may be empty', async () => {
    const { summary } = await planned(await bench.manifest('empty.jsonl', ''));
    expect(summary).toMatchObject({ status: 'succeeded', images: 0 });
  });
});

describe('a plan message', () => {
  test('of a job that does not exist is done', async () => {
    const worker = bench.worker();
    const id = '0192f0c1-7a8b-7c3d-9e4f-5a6b7c8d9e0f';
    expect(await worker.handlePlan(id, forever, never)).toBe('done');
  });

  test('of a completed job is done, and sends nothing', async () => {
    const { job } = await planned(prefixOf('none/'), {}, { notify: 'shop' });
    const second = bench.worker();
    expect(await second.handlePlan(job.id, forever, never)).toBe('done');
    expect([...second.sent, ...second.webhooks]).toEqual([]);
  });

  test('that is delivered again continues after the last page, and sends its chunks again', async () => {
    const job = await bench.newJob(await bench.manifest('again.jsonl', manyLines(1_500)));
    const drain = new AbortController();
    const calls: string[] = [];
    const first = bench.worker({
      around: (call, name) => {
        if (name.startsWith('put') && name.includes('/pages/')) drain.abort();
        return call();
      },
    });
    expect(await first.handlePlan(job.id, drain.signal, never)).toBe('released');
    expect(first.sent).toEqual([]);
    const second = bench.worker({ around: (call, name) => (calls.push(name), call()) });
    expect(await second.handlePlan(job.id, forever, never)).toBe('done');
    expect(calls.filter((name) => name.startsWith('getRange'))).toHaveLength(1);
    const resent = second.sent.filter((message) => message.resent);
    expect(resent.map(({ page, chunk }) => [page, chunk])).toEqual(
      Array.from({ length: 10 }, (_, chunk) => [0, chunk]),
    );
    expect(second.sent).toHaveLength(15);
  });

  test.each(['a drain', 'a lapse'])('is released between two steps by %s', async (kind) => {
    const job = await bench.newJob(prefixOf('many/'));
    const { signal, abort } = abortable();
    let lapsed = false;
    let calls = 0;
    const worker = bench.worker({
      around: (call) => {
        calls += 1;
        if (kind === 'a drain') abort();
        else lapsed = true;
        return call();
      },
    });
    expect(await worker.handlePlan(job.id, signal, () => lapsed)).toBe('released');
    expect(calls).toBe(1);
  });

  test('is released by a drain while AWS cannot be reached', async () => {
    const job = await bench.newJob(prefixOf('many/'));
    const { signal, abort } = abortable();
    let calls = 0;
    const worker = bench.worker({
      around: (_, name) => {
        if (++calls === 3) abort();
        return Promise.reject(noAnswer(name));
      },
    });
    expect(await worker.handlePlan(job.id, signal, never)).toBe('released');
  });

  test.each(['get', 'put', 'list', 'listObjects', 'send-chunk'])(
    'rejects when %s fails for longer than it is repeated, and its job is not stopped',
    async (operation) => {
      const job = await bench.newJob(prefixOf('many/'));
      const clock = quickClock();
      const worker = bench.worker({
        clock,
        random: () => 1,
        around: (call, name) =>
          name.split(' ')[0] === operation ? Promise.reject(noAnswer(name)) : call(),
      });
      await expect(worker.handlePlan(job.id, forever, never)).rejects.toThrow('no answer');
      expect(clock.monotonicMs()).toBeGreaterThan(20_000);
      expect(await bench.jobs.stopOf(job.id)).toBeUndefined();
      expect(await bench.worker().handlePlan(job.id, forever, never)).toBe('done');
      expect((await storedOf(job)).plan).toMatchObject({ images: 1_003, cut: false });
    },
  );
});

describe('a source that cannot be read ends the plan', () => {
  const denied = (code = 'AccessDenied') =>
    new AwsCallError('S3', { code, message: 'Access Denied', statusCode: 403 });
  const failing = (operation: string, error: () => Error): WorkerOptions => ({
    clock: quickClock(),
    random: () => 1,
    around: (call, name) => (name.startsWith(operation) ? Promise.reject(error()) : call()),
  });
  const moved = () =>
    new AwsCallError('ListObjectsV2', {
      code: 'PermanentRedirect',
      message: 'The bucket must be addressed using the specified endpoint.',
      statusCode: 301,
    });
  const deleted = async () => {
    const source = await bench.manifest('deleted.jsonl', manyLines(3));
    await bench.cloud.s3.store('images').delete('deleted.jsonl');
    return source;
  };
  const changed = async () => {
    const source = await bench.manifest('changed.jsonl', manyLines(3));
    await bench.manifest('changed.jsonl', manyLines(4));
    return source;
  };
  const manifest = () => bench.manifest('denied.jsonl', manyLines(3));

  test.each([
    [
      'there is no such bucket',
      () => ({ ...prefixOf(''), bucket: 'missing' }),
      {},
      /missing does not exist/,
    ],
    ['listing is denied', () => prefixOf('many/'), failing('listObjects', denied), /s3:ListBucket/],
    ['the manifest is denied', manifest, failing('getRange', denied), /s3:GetObject/],
    [
      'it is in another region',
      () => prefixOf('many/'),
      failing('listObjects', moved),
      /PermanentRedirect.*endpoint/,
    ],
    ['the manifest is gone', deleted, {}, /deleted\.jsonl was deleted.*start a new job/],
    ['the manifest changed', changed, {}, /changed\.jsonl changed.*start a new job/],
  ] as const)('when %s', async (_, source, options, detail) => {
    const { pages, plan, summary } = await planned(await source(), options);
    expect(pages).toEqual([expect.objectContaining({ images: [], next: null, cut: true })]);
    expect(plan).toMatchObject({ pages: 1, images: 0, cut: true });
    expect(summary).toMatchObject({
      status: 'failed',
      stop: { reason: 'source', detail: expect.stringMatching(detail) as string },
    });
  });

  test('but not when a new permission takes some seconds', async () => {
    let failures = 5;
    const { plan } = await planned(prefixOf('many/'), {
      clock: quickClock(),
      around: (call, name) =>
        name.startsWith('listObjects') && failures-- > 0 ? Promise.reject(denied()) : call(),
    });
    expect(plan).toMatchObject({ images: 1_003, cut: false });
  });
});

test('a stop ends the plan before the next page', async () => {
  const job = await bench.newJob(prefixOf('many/'));
  let reads = 0;
  const worker = bench.worker({
    around: async (call, name) => {
      if (name.startsWith('get') && name.endsWith('/stop.json') && ++reads === 2)
        await bench.jobs.stop(job.id, { v: 1, reason: 'canceled', detail: '', at: job.createdAt });
      return call();
    },
  });
  expect(await worker.handlePlan(job.id, forever, never)).toBe('done');
  const { pages, plan, summary } = await storedOf(job);
  expect(pages.map(({ images, cut }) => [images.length, cut])).toEqual([
    [1_000, undefined],
    [0, true],
  ]);
  expect(plan).toMatchObject({ pages: 2, images: 1_000, cut: true });
  expect(summary).toBeUndefined();
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
