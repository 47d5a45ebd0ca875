import { makeProblem, partKey, type JobLine, type StoredJob } from '@labelfleet/contracts';
import { describe, expect, test } from 'vitest';
import { fakeGateway, type FakeGateway } from '../testing/gateway.ts';
import { aJob, failedLine, someKeys, succeededLine, workOn } from '../testing/jobs.ts';

const lines = (gateway: FakeGateway, { id }: StoredJob, what: string, init?: RequestInit) =>
  gateway.app.request(`/v1/jobs/${id}/${what}`, init);
const imagesIn = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as JobLine).image);

async function newJob(gateway: FakeGateway, fields: Partial<StoredJob> = {}, chunkImages = 100) {
  const job = aJob(fields);
  await gateway.jobs.create(job);
  return { job, work: workOn(gateway, job, chunkImages) };
}

/** Of every page, the first image of its second chunk fails. */
const someFail = (keys: readonly string[]) => (image: Parameters<typeof failedLine>[0]) =>
  'key' in image && image.key === keys[10] ? failedLine(image) : succeededLine(image);

test('results have each image once and in order, whichever part was stored first', async () => {
  await using gateway = await fakeGateway();
  const { job, work } = await newJob(gateway, {}, 7);
  // More parts than one list shows.
  const keys = someKeys(8_000);
  const pages = [];
  for (let at = 0; at < keys.length; at += 1_000)
    pages.push(await work.list(keys.slice(at, at + 1_000), { isLast: at === 7_000 }));
  for (const page of pages.toReversed()) await work.finish(page);
  await work.complete();
  const response = await lines(gateway, job, 'results');
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'application/jsonl',
    'content-disposition': `attachment; filename="job-${job.id}-results.jsonl"`,
    'x-job-status': 'succeeded',
    'cache-control': 'no-cache',
  });
  expect(imagesIn(await response.text())).toEqual(keys.map((key) => `s3://input/${key}`));
});

test('errors have the failed images only, and pages without any are not read', async () => {
  const read: string[] = [];
  await using gateway = await fakeGateway({
    beforeCall: (operation, key) => void (operation === 'GetObject' && read.push(key)),
  });
  const { job, work } = await newJob(gateway, {}, 10);
  for (let page = 0; page < 5; page++) {
    const keys = someKeys(40, `uploads/${page}/`);
    const stored = await work.list(keys, { isLast: page === 4 });
    await work.finish(stored, page === 3 ? someFail(keys) : undefined);
  }
  await work.complete();
  const text = await (await lines(gateway, job, 'errors')).text();
  expect(imagesIn(text)).toEqual(['s3://input/uploads/3/0000010.jpg']);
  expect(read.filter((key) => key.endsWith('.jsonl'))).toHaveLength(4);
  expect(imagesIn(await (await lines(gateway, job, 'results')).text())).toHaveLength(200);
});

test('the text of an image cannot pass for a status', async () => {
  await using gateway = await fakeGateway();
  const { job, work } = await newJob(gateway);
  const key = 'uploads/"status":"failed".jpg';
  await work.finish(await work.list([key, 'uploads/b.jpg'], { isLast: true }), (image) =>
    'key' in image && image.key === key ? succeededLine(image) : failedLine(image),
  );
  await work.complete();
  const text = await (await lines(gateway, job, 'errors')).text();
  expect(imagesIn(text)).toEqual(['s3://input/uploads/b.jpg']);
});

describe('a job that is not completed', () => {
  test('has the lines so far, and says so', async () => {
    await using gateway = await fakeGateway();
    const { job, work } = await newJob(gateway, {}, 2);
    const page = await work.list(someKeys(6));
    await work.classify(page, 2);
    await work.classify(page, 0);
    const response = await lines(gateway, job, 'results');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-disposition': `attachment; filename="job-${job.id}-results-so-far.jsonl"`,
      'x-job-status': 'planning',
      'cache-control': 'no-store',
    });
    expect(response.headers.get('etag')).toBeNull();
    const images = imagesIn(await response.text());
    expect(images).toEqual([0, 1, 4, 5].map((n) => `s3://input/uploads/000000${n}.jpg`));
  });

  test('may have none', async () => {
    await using gateway = await fakeGateway();
    const { job } = await newJob(gateway);
    expect(await (await lines(gateway, job, 'results')).text()).toBe('');
    const csv = await (await lines(gateway, job, 'errors?format=csv')).text();
    expect(csv).toBe('image,id,line,status,label,score,problem,detail\r\n');
  });
});

test('a completed job has an ETag for each of its files', async () => {
  await using gateway = await fakeGateway();
  const { job, work } = await newJob(gateway);
  await work.finish(await work.list(someKeys(3), { isLast: true }));
  await work.complete();
  const etags = new Set<string>();
  for (const what of ['results', 'results?format=csv', 'errors', 'errors?format=csv']) {
    const etag = (await lines(gateway, job, what)).headers.get('etag') ?? '';
    etags.add(etag);
    const again = await lines(gateway, job, what, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
  }
  expect(etags.size).toBe(4);
  const head = await lines(gateway, job, 'results', { method: 'HEAD' });
  expect(head.headers.get('x-job-status')).toBe('succeeded');
});

describe('CSV', () => {
  test('quotes what has to be, and no cell is a formula', async () => {
    await using gateway = await fakeGateway();
    const { job, work } = await newJob(gateway, { topK: 2 });
    const page = await work.list(['uploads/a, "b"\n.jpg', 'uploads/c', 'uploads/d'], {
      isLast: true,
    });
    const byKey: Record<string, Partial<JobLine>> = {
      'uploads/c': { id: '=HYPERLINK("x")' },
      'uploads/d': {
        status: 'failed',
        line: 7,
        problem: makeProblem('forbidden', 'none', '@not, allowed'),
      },
    };
    await work.finish(page, (image) => {
      const predictions = [
        { label: 'cat', score: 0.83, classIndex: 1 },
        { label: '-dog', score: 0.1, classIndex: 2 },
      ];
      const special = 'key' in image ? byKey[image.key] : undefined;
      if (special?.status === 'failed') return { ...failedLine(image), ...special } as JobLine;
      return { ...succeededLine(image), predictions, ...special } as JobLine;
    });
    await work.complete();
    const response = await lines(gateway, job, 'results?format=csv');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect((await response.text()).split('\r\n')).toEqual([
      'image,id,line,status,label,score,problem,detail,label2,score2',
      `"s3://input/uploads/a, ""b""\n.jpg",,,succeeded,shower curtain,0.83,,,'-dog,0.1`,
      `s3://input/uploads/c,"'=HYPERLINK(""x"")",,succeeded,shower curtain,0.83,,,'-dog,0.1`,
      `s3://input/uploads/d,,7,failed,,,forbidden,"'@not, allowed",,`,
      '',
    ]);
  });

  test('is one of two formats', async () => {
    await using gateway = await fakeGateway();
    const { job } = await newJob(gateway);
    expect((await lines(gateway, job, 'results?format=xml')).status).toBe(400);
  });
});

describe('lines that were stored and are missing', () => {
  const PAGES = 3;

  async function withoutParts(isGone: (page: number, chunk: number) => boolean) {
    const gateway = await fakeGateway();
    const { job, work } = await newJob(gateway, {}, 10);
    for (let page = 0; page < PAGES; page++) {
      const keys = someKeys(100, `uploads/${page}/`);
      const stored = await work.list(keys, { isLast: page === PAGES - 1 });
      await work.finish(stored, someFail(keys));
      for (let chunk = 0; chunk < 10; chunk++)
        if (isGone(page, chunk))
          await gateway.output.delete(partKey(job.destination, job.id, page, chunk));
    }
    return { gateway, job, work, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
  }

  test.each([
    ['in the middle', 1, 5],
    ['at the end of a page', 0, 9],
    ['at the end', PAGES - 1, 9],
  ])('%s break the answer', async (_where, page, chunk) => {
    await using bench = await withoutParts((p, c) => p === page && c === chunk);
    const { gateway, job, work } = bench;
    await work.complete();
    const response = await lines(gateway, job, 'results');
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow(/missing|deleted/);
  });

  test('break the answer of a job that is not completed, too', async () => {
    await using bench = await withoutParts((page) => page === 1);
    const { gateway, job } = bench;
    await expect((await lines(gateway, job, 'results')).text()).rejects.toThrow(
      /page 1 are missing/,
    );
    await expect((await lines(gateway, job, 'errors')).text()).rejects.toThrow(
      /page 1 are missing/,
    );
  });

  test.each([0, PAGES - 1])('break it on page %i', async (page) => {
    await using bench = await withoutParts((p, chunk) => p === page && chunk === 9);
    const { gateway, job } = bench;
    const text = (await lines(gateway, job, 'results')).text();
    await expect(text).rejects.toThrow(`10 lines of page ${page} are missing`);
  });

  test('break it when a part is deleted while it is read', async () => {
    await using bench = await withoutParts(() => false);
    const { gateway, job } = bench;
    const response = await lines(gateway, job, 'results');
    for (const key of await gateway.output.list('jobs/', 1_000)) await gateway.output.delete(key);
    await expect(response.text()).rejects.toThrow(/The part 0-\d of the job was deleted/);
  });

  test('are 404 where nothing is left', async () => {
    await using bench = await withoutParts(() => true);
    const { gateway, job, work } = bench;
    await work.complete();
    for (const what of ['results', 'errors', 'results?format=csv']) {
      const response = await lines(gateway, job, what);
      expect(response.status).toBe(404);
      expect(((await response.json()) as { detail: string }).detail).toMatch(/lifecycle rule/);
    }
  });

  test('are noticed without page markers, too', async () => {
    await using bench = await withoutParts((page, chunk) => page === 2 && chunk > 2);
    const { gateway, job, work } = bench;
    await work.complete();
    for (const key of await gateway.state.list(`jobs/${job.id}/done/`, 10))
      await gateway.state.delete(key);
    await expect((await lines(gateway, job, 'results')).text()).rejects.toThrow(/230 of 300 lines/);
  });
});

test('a client that leaves ends the reads, and one that does not read holds them', async () => {
  const read: string[] = [];
  await using gateway = await fakeGateway({
    beforeCall: (operation, key) =>
      void (operation === 'GetObject' && key.endsWith('.jsonl') && read.push(key)),
  });
  const { job, work } = await newJob(gateway, {}, 1);
  await work.finish(await work.list(someKeys(500), { isLast: true }));
  await work.complete();
  const response = await lines(gateway, job, 'results');
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  // Nothing more is read than the few parts ahead.
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(read.length).toBeLessThan(10);
  await reader.cancel();
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(read.length).toBeLessThan(10);
});
