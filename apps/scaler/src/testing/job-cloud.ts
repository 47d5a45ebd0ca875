import { AwsCallError } from '@labelfleet/aws/errors';
import { fakeS3, fakeSqs } from '@labelfleet/aws/testing';
import type { JobCounts, StoredJob } from '@labelfleet/contracts';
import { JobStore } from '@labelfleet/jobs';
import { createLogger, type Logger } from '@labelfleet/runtime';
import { resendJobDeadLetters } from '../jobs/job-dead-letters.ts';
import { JobLooks } from '../jobs/job-looks.ts';
import { JobRepair } from '../jobs/job-repair.ts';
import { JobWatch } from '../jobs/job-watch.ts';
import { Metrics } from '../metrics.ts';
import { aJobPage, aStoredJob, NOW } from './builders.ts';
import { TestClock } from './test-clock.ts';

const log = createLogger({ app: 'scaler', level: 'silent' });

/** Counts of a page whose images all succeeded. */
export const done = (images: number, rest: Partial<JobCounts> = {}): JobCounts => ({
  ...{ succeeded: images, failed: 0, skipped: 0, nanoUsd: 3000 * images, busyMs: 100 * images },
  ...rest,
});

interface Options {
  clock?: TestClock;
  metrics?: Metrics;
  log?: Logger;
  leads?: () => boolean;
  /** False: no receivers are configured. */
  webhooks?: boolean;
}

/** Buckets and queues of jobs in memory, and a watch on them that a test moves step by step. */
export function createJobCloud(options: Options = {}) {
  const { clock = new TestClock(NOW), metrics = new Metrics(), leads = () => true } = options;
  /** Every call to S3 and SQS, in order. */
  const calls: string[] = [];
  const broken = new Set<string>();
  const beforeCall = async (operation: string, resource: string) => {
    calls.push(`${operation} ${resource.split('/').filter(Boolean).at(-1)}`);
    if (broken.has(operation))
      throw new AwsCallError(operation, { code: 'TimeoutError', message: 'no answer came' });
  };
  const s3 = fakeS3({ beforeCall });
  s3.createBucket('state');
  const sqs = fakeSqs({ beforeCall });
  const urls = {
    batch: sqs.createQueue('batch'),
    deadLetters: sqs.createQueue('batch-dead-letters'),
    webhooks: sqs.createQueue('webhooks'),
  };
  const store = new JobStore(s3.store('state'));
  const batchQueue = sqs.queue(urls.batch);
  const deps = { jobs: store, batchQueue, metrics, log: options.log ?? log, clock };
  const repair = new JobRepair({
    ...deps,
    leads,
    webhooks: options.webhooks === false ? undefined : sqs.queue(urls.webhooks),
    resendDeadLetters: () =>
      resendJobDeadLetters(
        {
          ...deps,
          deadLetters: {
            receive: (given, signal) =>
              sqs.queue(urls.deadLetters).receive({ ...given, waitSeconds: 0 }, signal),
            ack: (receipt) => sqs.queue(urls.deadLetters).ack(receipt),
            retryIn: (receipt, seconds) => sqs.queue(urls.deadLetters).retryIn(receipt, seconds),
          },
        },
        new AbortController().signal,
      ),
  });
  const watch = new JobWatch({
    ...deps,
    looks: new JobLooks(store, deps.log),
    repair: (jobs, depth) => repair.repair(jobs, depth),
  });
  let dueAtMs = -Infinity;
  /** The step of the watch, if it is due now. */
  const stepIfDue = async (): Promise<void> => {
    if (clock.monotonicMs() >= dueAtMs) dueAtMs = clock.monotonicMs() + (await watch.step());
  };
  return {
    ...{ calls, clock, metrics, s3, sqs, store, urls, watch },
    breakCalls: (operation: string) => void broken.add(operation),
    mendCalls: () => broken.clear(),
    bodies: (queue: keyof typeof urls): unknown[] =>
      sqs.bodies(urls[queue]).map((body) => JSON.parse(body) as unknown),
    /** Creates a job as a gateway does, and stores so many full pages of it; `planned` if these are all. */
    createJob: async (
      pages: number,
      { planned = true, ...overrides }: Partial<StoredJob> & { planned?: boolean } = {},
    ): Promise<StoredJob> => {
      const job = await store.create(aStoredJob(overrides));
      for (let page = 0; page < pages; page++) await store.storePage(job.id, aJobPage(page));
      if (planned) {
        const at = new Date(NOW).toISOString();
        const plan = { v: 1, pages, images: 1000 * pages, bytes: 0, cut: false, at } as const;
        await store.storePlan(job.id, plan);
      }
      return job;
    },
    stepIfDue,
    /** A gateway says that a job was created or stopped. */
    changed: (): void => {
      watch.changed();
      dueAtMs = -Infinity;
    },
    /** The calls of so many seconds, by what they are. */
    callsOf: async (seconds: number): Promise<Record<string, number>> => {
      calls.length = 0;
      for (let second = 0; second < seconds; second += 1) {
        await stepIfDue();
        clock.pass(1000);
      }
      const counts: Record<string, number> = {};
      for (const call of calls) counts[call] = (counts[call] ?? 0) + 1;
      return counts;
    },
  };
}
