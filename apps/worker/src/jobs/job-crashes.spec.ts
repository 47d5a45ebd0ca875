import {
  chunksOf,
  imagesOf,
  type JobPage,
  type JobSource,
  type StoredJob,
} from '@labelfleet/contracts';
import { AwsCallError } from '@labelfleet/aws/errors';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  cloudInMemory,
  noAnswer,
  openPlanBench,
  type CallAround,
  type PlanBench,
  type JobWorker,
} from './testing/plan-bench.ts';

/** Lines so long that one range of the manifest holds somewhat more than half a page: two pages, seven chunks. */
const IMAGES = 520;
const LINE_BYTES = 510;
const CHUNKS = 7;
const forever = new AbortController().signal;
const never = () => false;

let bench: PlanBench;
let source: JobSource;
let reference: JobPage[];
/** Calls of a run that nothing disturbs. */
let calls: number;

beforeAll(async () => {
  bench = await openPlanBench(cloudInMemory);
  const lines = Array.from({ length: IMAGES }, (_, index) =>
    `{"key":"s3://images/${index}.jpg"}`.padEnd(LINE_BYTES).concat('\n'),
  );
  source = await bench.manifest('list.jsonl', lines.join(''));
  const job = await newJob();
  const counting = counter();
  const worker = bench.worker({ around: counting.around });
  await run(job, () => worker);
  reference = await pagesOf(job);
  calls = counting.count();
  await checkCompleted(job, [worker]);
  expect(worker.webhooks).toHaveLength(1);
  return () => bench[Symbol.asyncDispose]();
});

class Killed extends Error {}

function counter() {
  let count = 0;
  return { around: ((call) => (count++, call())) as CallAround, count: () => count };
}

const newJob = () => bench.newJob(source, { notify: 'shop' });

async function pagesOf({ id }: StoredJob): Promise<JobPage[]> {
  const numbers = await bench.jobs.pageNumbers(id);
  return Promise.all(numbers.map(async (number) => (await bench.jobs.page(id, number))!));
}

/**
 * Handles the plan message and then each chunk message. A message whose worker is killed or fails is redelivered to the
 * next worker.
 * @param lost chunk messages that are never delivered
 */
async function run(
  job: StoredJob,
  nextWorker: () => JobWorker,
  lost: (chunk: { page: number; chunk: number }) => boolean = never,
): Promise<JobWorker[]> {
  let worker = nextWorker();
  const workers = [worker];
  const redeliver = async (handle: (worker: JobWorker) => Promise<unknown>) => {
    for (;;) {
      try {
        return await handle(worker);
      } catch (error) {
        if (!(error instanceof Killed || error instanceof AwsCallError)) throw error;
        worker = nextWorker();
        workers.push(worker);
      }
    }
  };
  const plan = () => redeliver((planner) => planner.handlePlan(job.id, forever, never));
  const handled = new Set<unknown>();
  const handleAll = async (isLost: typeof lost) => {
    for (;;) {
      const message = workers.flatMap(({ sent }) => sent).find((each) => !handled.has(each));
      if (message === undefined) return;
      if (!isLost(message)) await redeliver((each) => each.handleChunk(message));
      handled.add(message);
    }
  };
  await plan();
  await handleAll(lost);
  if (lost === never) return workers;
  await plan();
  await handleAll(never);
  return workers;
}

/** Every chunk was sent and has its part, pages are as ever, and the job ended as it must. */
async function checkCompleted(
  job: StoredJob,
  workers: readonly JobWorker[],
  canceled = false,
): Promise<void> {
  const { jobs } = bench;
  const pages = await pagesOf(job);
  const plan = await jobs.plan(job.id);
  const summary = await jobs.summary(job.id);
  const marked = await jobs.donePages(job.id);
  const sent = workers.flatMap((worker) => worker.sent);
  if (!canceled && reference !== undefined) expect(pages).toEqual(reference);
  expect(plan).toMatchObject({ pages: pages.length, cut: pages.at(-1)!.cut === true });
  expect([...marked.keys()]).toEqual(pages.map(({ page }) => page));
  expect(imagesOf(summary!.counts)).toBe(plan!.images);
  const images = pages.flatMap((page) => page.images);
  expect(plan!.images).toBe(images.length);
  expect(new Set(images.map((image) => 'key' in image && image.key)).size).toBe(images.length);
  for (const page of pages) {
    const parts = await bench.parts(job).chunksOfPage(page.page);
    expect(parts.size).toBe(chunksOf(page));
    for (const chunk of parts) {
      const messages = sent.filter((each) => each.page === page.page && each.chunk === chunk);
      expect(messages.length).toBeGreaterThan(0);
      expect(messages.filter(({ resent }) => resent === undefined).length).toBeLessThanOrEqual(1);
    }
  }
  if (!canceled) {
    expect(summary).toMatchObject({ status: 'succeeded', images: IMAGES, pages: 2 });
    expect(sent.length).toBeGreaterThanOrEqual(CHUNKS);
  }
  const webhooks = workers.flatMap((worker) => worker.webhooks);
  expect(webhooks.length).toBeGreaterThan(0);
  expect(webhooks[0]).toEqual({ v: 1, type: 'job.completed', id: job.id, receiver: 'shop' });
  expect(await jobs.isActive(job.id)).toBe(false);
}

/** Runs the check once for each call, some at a time. */
async function forEachCall(last: number, check: (call: number) => Promise<void>): Promise<void> {
  let call = 0;
  const lane = async () => {
    while (call < last) {
      const mine = ++call;
      try {
        await check(mine);
      } catch (error) {
        throw new Error(`at call ${mine} of ${last}`, { cause: error });
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

describe('a job is completed', () => {
  test('when its worker is killed before any of its calls', async () => {
    await forEachCall(calls, async (killedAt) => {
      const job = await newJob();
      let count = 0;
      // All calls of a killed process fail; its successor is never killed.
      const dies = bench.worker({
        around: (call) => (++count >= killedAt ? Promise.reject(new Killed()) : call()),
      });
      const next = bench.worker();
      const workers = await run(job, () => (count === 0 ? dies : next));
      expect(count).toBeGreaterThanOrEqual(killedAt);
      await checkCompleted(job, workers);
    });
  }, 120_000);

  test('when the answer to any of its calls is lost', async () => {
    await forEachCall(calls, async (lostAt) => {
      const job = await newJob();
      let count = 0;
      const worker = bench.worker({
        around: async (call, name) => {
          const loses = ++count === lostAt;
          const answer = await call();
          if (loses) throw noAnswer(name);
          return answer;
        },
      });
      await run(job, () => worker);
      await checkCompleted(job, [worker]);
    });
  }, 120_000);

  test('and counts every listed image when it is canceled before any of its calls', async () => {
    await forEachCall(calls, async (canceledAt) => {
      const job = await newJob();
      let count = 0;
      const worker = bench.worker({
        around: async (call) => {
          if (++count === canceledAt)
            await bench.jobs.stop(job.id, {
              v: 1,
              reason: 'canceled',
              detail: '',
              at: job.createdAt,
            });
          return call();
        },
      });
      await run(job, () => worker);
      await checkCompleted(job, [worker], true);
    });
  }, 120_000);

  test('when a second worker plans and completes it between any two calls of the first', async () => {
    await forEachCall(calls, async (pausedAt) => {
      const job = await newJob();
      const second = bench.worker();
      let count = 0;
      const first = bench.worker({
        around: async (call) => {
          if (++count === pausedAt) await run(job, () => second);
          return call();
        },
      });
      await run(job, () => first);
      await checkCompleted(job, [first, second]);
    });
  }, 120_000);

  test('when two workers plan it, and many complete it, at the same time', async () => {
    const job = await newJob();
    const workers = [bench.worker(), bench.worker(), bench.worker()];
    await Promise.all(workers.map((worker) => worker.handlePlan(job.id, forever, never)));
    await Promise.all(
      workers.flatMap((worker) => worker.sent.map((message) => worker.handleChunk(message))),
    );
    await checkCompleted(job, workers);
  });

  test('by the plan message when other messages were lost, and its worker is killed at any call', async () => {
    const lost = ({ page, chunk }: { page: number; chunk: number }) => page === 1 || chunk % 4 > 0;
    const counting = counter();
    const probe = bench.worker({ around: counting.around });
    await run(await newJob(), () => probe, lost);
    await forEachCall(counting.count(), async (killedAt) => {
      const job = await newJob();
      let count = 0;
      const dies = bench.worker({
        around: (call) => (++count >= killedAt ? Promise.reject(new Killed()) : call()),
      });
      const next = bench.worker();
      const workers = await run(job, () => (count === 0 ? dies : next), lost);
      await checkCompleted(job, workers);
    });
  }, 120_000);
});
