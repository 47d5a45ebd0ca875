import { connectS3, type S3Connection } from '@labelfleet/aws/store';
import { startTestCloud } from '@labelfleet/aws/testing';
import {
  makeRequestId,
  NO_COUNTS,
  type JobPage,
  type PartSummary,
  type StoredJob,
} from '@labelfleet/contracts';
import { beforeAll, describe, expect, test } from 'vitest';
import { JobStore } from './job-store.ts';
import { PartStore } from './part-store.ts';

let s3: S3Connection;
let jobs: JobStore;

beforeAll(async () => {
  const cloud = await startTestCloud();
  await cloud.createBucket('state');
  await cloud.createBucket('out');
  s3 = connectS3(cloud.connection);
  jobs = new JobStore(s3.store('state'));
  return async () => {
    s3.close();
    await cloud[Symbol.asyncDispose]();
  };
});

let made = 0;
function newJob(fields: Partial<StoredJob> = {}): StoredJob {
  const atMs = Date.parse('2026-11-26T07:00:00Z') + 1000 * made++;
  return {
    v: 1,
    id: makeRequestId(atMs, new Uint8Array(10)),
    createdAt: new Date(atMs).toISOString(),
    source: { kind: 'prefix', bucket: 'images', prefix: 'uploads/' },
    topK: 1,
    destination: { bucket: 'out', prefix: 'jobs/' },
    readable: [{ bucket: 'images', prefix: 'uploads/' }],
    ...fields,
  };
}

test('a job that is created twice stays as it was first, and is listed and active once', async () => {
  const job = newJob({ caller: 'shop' });
  await jobs.create(job);
  expect(await jobs.create({ ...job, topK: 5 })).toEqual(job);
  expect(await jobs.job(job.id)).toEqual(job);
  expect(await jobs.list('shop', 10)).toEqual([job.id]);
  expect((await jobs.active()).filter((id) => id === job.id)).toHaveLength(1);
});

test('a repeat does not make a completed job active', async () => {
  const job = newJob();
  await jobs.create(job);
  await jobs.storeSummary({
    v: 1,
    id: job.id,
    status: 'succeeded',
    createdAt: job.createdAt,
    completedAt: job.createdAt,
    images: 0,
    bytes: 0,
    pages: 1,
    counts: NO_COUNTS,
  });
  await jobs.endActive(job.id);
  await jobs.create(job);
  expect(await jobs.isActive(job.id)).toBe(false);
});

test('a caller sees the own jobs only, the newest first, page by page', async () => {
  const [first, second, third] = [1, 2, 3].map(() => newJob({ caller: 'pages' }));
  for (const job of [second, first, third, newJob({ caller: 'other' })]) await jobs.create(job!);
  const ids = [third!.id, second!.id, first!.id];
  expect(await jobs.list('pages', 2)).toEqual(ids.slice(0, 2));
  expect(await jobs.list('pages', 2, ids[1])).toEqual(ids.slice(2));
});

test('the first stop of a job holds', async () => {
  const { id } = newJob();
  const stop = {
    v: 1,
    reason: 'canceled',
    detail: 'by its caller',
    at: '2026-11-26T07:00:00.000Z',
  } as const;
  expect(await jobs.stopOf(id)).toBeUndefined();
  await jobs.stop(id, stop);
  expect(await jobs.stop(id, { ...stop, reason: 'budget' })).toEqual(stop);
  expect(await jobs.stopOf(id)).toEqual(stop);
});

test('a page is stored once, and pages are numbered in order', async () => {
  const { id } = newJob();
  const page = (number: number, key: string): JobPage => ({
    v: 1,
    page: number,
    images: [{ key }],
    chunkImages: 100,
    next: null,
    listed: { images: 1, bytes: 0 },
  });
  for (const number of [10, 2, 0]) await jobs.storePage(id, page(number, 'a.jpg'));
  expect(await jobs.storePage(id, page(2, 'b.jpg'))).toEqual(page(2, 'a.jpg'));
  expect(await jobs.page(id, 10)).toEqual(page(10, 'a.jpg'));
  expect(await jobs.pageNumbers(id)).toEqual([0, 2, 10]);
  expect(await jobs.pageNumbers(id, 2)).toEqual([2, 10]);
});

test('the markers of more pages than one listing shows hold their counts', async () => {
  const { id } = newJob();
  const counts = { succeeded: 990, failed: 10, skipped: 0, nanoUsd: 2_000_000, busyMs: 10_000 };
  const pages = Array.from({ length: 1_001 }, (_, page) => page);
  await Promise.all(pages.map((page) => jobs.markPage(id, page, counts)));
  await jobs.markPage(id, 7, counts);
  const done = await jobs.donePages(id);
  expect([...done.keys()]).toEqual(pages);
  expect(done.get(1_000)).toEqual(counts);
});

describe('the parts of a job', () => {
  const summary: PartSummary = { v: 1, ...NO_COUNTS, succeeded: 1, worker: 'i-1', model: 'm/1' };
  const line = (label: string) =>
    ({ status: 'succeeded', image: 's3://images/uploads/Bär.jpg', label, score: 0.5 }) as const;

  test('a part is stored once, with its summary', async () => {
    const parts = new PartStore(newJob(), (bucket) => s3.store(bucket));
    expect(await parts.exists(0, 3)).toBe(false);
    expect(await parts.store(0, 3, [line('bear')], summary)).toBe('stored');
    expect(await parts.store(0, 3, [line('dog')], { ...summary, worker: 'i-2' })).toBe('exists');
    expect(await parts.summary(0, 3)).toEqual(summary);
    expect(new TextDecoder().decode((await parts.lines(0, 3)) ?? undefined)).toBe(
      `${JSON.stringify(line('bear'))}\n`,
    );
  });

  test('a page knows its chunks, and no others', async () => {
    const parts = new PartStore(newJob(), (bucket) => s3.store(bucket));
    for (const [page, chunk] of [
      [1, 0],
      [1, 9],
      [2, 0],
      [11, 1],
    ] as const)
      await parts.store(page, chunk, [], summary);
    expect(await parts.chunksOfPage(1)).toEqual(new Set([0, 9]));
    expect(await parts.lines(1, 1)).toBeNull();
  });
});
