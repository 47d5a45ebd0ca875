import {
  NO_COUNTS,
  type JobCounts,
  type JobPage,
  type JobSource,
  type StoredJob,
} from '@labelfleet/contracts';
import { createLogger } from '@labelfleet/runtime';
import { beforeAll, describe, expect, test } from 'vitest';
import { NANO_USD_OF_IMAGE, openPlanBench, type PlanBench } from '../testing/plan-bench.ts';

const forever = new AbortController().signal;
const never = () => false;

let bench: PlanBench;
/** Two pages, of 1,000 and of 50 images. */
let source: JobSource;
beforeAll(async () => {
  bench = await openPlanBench();
  const lines = Array.from({ length: 1_050 }, (_, index) => `{"key":"s3://images/${index}"}`);
  source = await bench.manifest('list.jsonl', lines.join('\n'));
  return () => bench[Symbol.asyncDispose]();
});

/** A job whose plan is stored. */
async function plannedJob(fields: Partial<StoredJob> = {}) {
  const job = await bench.newJob(source, { notify: 'shop', ...fields });
  const worker = bench.worker();
  await worker.handlePlan(job.id, forever, never);
  const pages = await Promise.all([0, 1].map((page) => bench.jobs.page(job.id, page)));
  return { job, worker, pages: pages as [JobPage, JobPage], messages: worker.sent };
}

const usd = (images: number) => (images * NANO_USD_OF_IMAGE) / 1e9;

test('a page has its marker when its last part is stored, and the job its summary with its last page', async () => {
  const { job, worker, messages } = await plannedJob();
  const [last, ...others] = messages.toReversed();
  for (const [index, message] of others.entries()) {
    expect((await bench.jobs.donePages(job.id)).size).toBe(0);
    await worker.handleChunk(message);
    if (index < others.length - 1) expect(worker.webhooks).toEqual([]);
  }
  const counts = { ...NO_COUNTS, succeeded: 1_000, nanoUsd: 1_000 * NANO_USD_OF_IMAGE };
  expect(await bench.jobs.donePages(job.id)).toEqual(new Map([[0, counts]]));
  expect(await bench.jobs.summary(job.id)).toBeUndefined();
  expect(await bench.jobs.isActive(job.id)).toBe(true);
  await worker.handleChunk(last!);
  expect(await bench.jobs.summary(job.id)).toMatchObject({
    status: 'succeeded',
    images: 1_050,
    counts: { succeeded: 1_050, nanoUsd: 1_050 * NANO_USD_OF_IMAGE },
  });
  expect(worker.webhooks).toHaveLength(1);
  expect(await bench.jobs.isActive(job.id)).toBe(false);
});

test('a chunk message that comes after the completion changes nothing and sends nothing', async () => {
  const { job, worker, messages } = await plannedJob();
  for (const message of messages) await worker.handleChunk(message);
  const summary = await bench.jobs.summary(job.id);
  const late = bench.worker();
  await late.handleChunk({ ...messages[0]!, resent: true });
  expect(late.webhooks).toEqual([]);
  expect(await bench.jobs.summary(job.id)).toEqual(summary);
});

test('the counts of a page are those of its parts; without one price, there is none', async () => {
  const { job, worker, pages } = await plannedJob();
  const store = (chunk: number, counts: Partial<JobCounts>) =>
    bench.parts(job).store(1, chunk, [], { v: 1, ...NO_COUNTS, ...counts, worker: 'i-1' });
  await store(0, { succeeded: 40, failed: 7, skipped: 3, nanoUsd: null, busyMs: 12 });
  await worker.completion.pageTouched(job, pages[1]);
  expect((await bench.jobs.donePages(job.id)).get(1)).toEqual({
    ...{ succeeded: 40, failed: 7, skipped: 3, nanoUsd: null, busyMs: 12 },
  });
});

describe('a job with a budget', () => {
  test('stops when its pages have cost that much, and what is done stays done', async () => {
    const { job, worker, messages } = await plannedJob({ maxCostUsd: usd(1_000) });
    for (const message of messages) await worker.handleChunk(message);
    expect(await bench.jobs.summary(job.id)).toMatchObject({
      status: 'failed',
      stop: {
        reason: 'budget',
        detail: expect.stringMatching(/cost 1\.0000 USD; its maxCostUsd is 1\./) as string,
      },
      counts: { succeeded: 1_000, skipped: 50 },
    });
  });

  test('stops before the plan is stored', async () => {
    const job = await bench.newJob(source, { maxCostUsd: usd(999) });
    const { signal, abort } = abortable();
    const worker = bench.worker({
      around: async (call, name) => {
        const answer = await call();
        if (name === 'send-chunk') abort();
        return answer;
      },
    });
    expect(await worker.handlePlan(job.id, signal, never)).toBe('released');
    for (const message of worker.sent) await worker.handleChunk(message);
    expect(await bench.jobs.stopOf(job.id)).toMatchObject({ reason: 'budget' });
    await worker.handlePlan(job.id, forever, never);
    expect(await bench.jobs.summary(job.id)).toMatchObject({
      status: 'failed',
      images: 1_000,
      counts: { succeeded: 1_000, skipped: 0 },
    });
  });

  test('does not stop below it, and not when nothing is left', async () => {
    const { job, worker, messages } = await plannedJob({ maxCostUsd: usd(1_001) });
    for (const message of messages) await worker.handleChunk(message);
    expect(await bench.jobs.stopOf(job.id)).toBeUndefined();
    expect(await bench.jobs.summary(job.id)).toMatchObject({ status: 'succeeded' });
  });

  test('counts parts without a price as nothing', async () => {
    const { job, worker, messages, pages } = await plannedJob({ maxCostUsd: usd(1_000) });
    const unpriced = { v: 1, ...NO_COUNTS, succeeded: 50, nanoUsd: null, worker: 'i-1' } as const;
    await bench.parts(job).store(1, 0, [], unpriced);
    await worker.completion.pageTouched(job, pages[1]);
    expect(await bench.jobs.stopOf(job.id)).toBeUndefined();
    for (const message of messages) await worker.handleChunk(message);
    expect(await bench.jobs.summary(job.id)).toMatchObject({
      status: 'succeeded',
      counts: { succeeded: 1_050, nanoUsd: null },
    });
  });
});

test('without an outbox queue the job is completed, and the log says that no webhook was sent', async () => {
  const lines: string[] = [];
  const log = createLogger({ app: 'worker', level: 'error' });
  log.error = (fields: { event: string }) => void lines.push(fields.event);
  const job = await bench.newJob(
    { kind: 'prefix', bucket: 'images', prefix: 'none/' },
    { notify: 'shop' },
  );
  const worker = bench.worker({ log, webhooks: undefined });
  await worker.handlePlan(job.id, forever, never);
  expect(lines).toEqual(['webhook.not-sent']);
  expect(await bench.jobs.isActive(job.id)).toBe(false);
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
