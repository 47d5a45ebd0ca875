import { connectSqs } from '@labelfleet/aws/queue';
import type { Job, Jobs } from '@labelfleet/client/jobs';
import { all, judgeLines } from '@labelfleet/end-to-end/jobs/judge-lines';
import type { StoredImages } from '@labelfleet/end-to-end/jobs/stored-images';
import { LOCAL_CREDENTIALS } from '@labelfleet/local-stack/app-environments';
import { until } from '@labelfleet/testkit/until';
import type { Stack } from '../stack/stack.ts';
import type { Seen } from '../watch/watch-stack.ts';

/** Chunks that wait for a redelivery, one after the other. */
const COMPLETED = { timeoutMs: 900_000 };
const EMPTY = { timeoutMs: 120_000 };

/** A job, and what it must say of each image. */
export interface StartedJob {
  job: Job;
  expected: StoredImages;
}

/** Waits until a job is completed. */
export async function endOf(client: Jobs, { id }: Job): Promise<Job> {
  let job = await client.read(id);
  await until(
    `job ${id} is completed`,
    async () => {
      job = await client.read(id);
      return job.completedAt !== undefined;
    },
    COMPLETED,
  );
  return job;
}

/** What is wrong with a completed job. */
export async function judge(
  client: Jobs,
  job: Job,
  expected: StoredImages,
  bucket: string,
): Promise<string[]> {
  const lines = await all(client.results(job.id));
  const { lost, double, foreign, wrong } = judgeLines(lines, bucket, expected);
  const name = (what: string, found: readonly unknown[]) =>
    found.length === 0
      ? []
      : [`${job.id}: ${found.length} ${what}: ${JSON.stringify(found.slice(0, 3))}`];
  const { listed, succeeded, failed, skipped } = job.counts;
  const isCounted =
    listed === expected.expected.size && succeeded + failed === listed && skipped === 0;
  return [
    ...(job.status === 'succeeded' && isCounted ? [] : [`${job.id}: ${JSON.stringify(job)}`]),
    ...name('lost', lost),
    ...name('double', double),
    ...name('of other images', foreign),
    ...name('wrong', wrong),
  ];
}

/** Messages and markers that should be gone when all jobs are completed. */
export async function leftovers(stack: Stack, { stores }: Seen): Promise<string[]> {
  const { region, batchQueueUrl, batchDeadLetterQueueUrl } = stack.around;
  const sqs = connectSqs({ region, endpoint: stack.endpoint, credentials: LOCAL_CREDENTIALS });
  const isEmpty = async (url: string) => {
    const { visible, inFlight, delayed } = await sqs.queue(url).depth();
    return visible + inFlight + delayed === 0;
  };
  const found: string[] = [];
  for (const url of [batchQueueUrl, batchDeadLetterQueueUrl])
    await until(`${url} is empty`, () => isEmpty(url), EMPTY).catch((error: unknown) =>
      found.push(String(error)),
    );
  const active = async () => (await stores.state.list('jobs/active/', 10)).length === 0;
  await until('no job is active', active, EMPTY).catch((error: unknown) =>
    found.push(String(error)),
  );
  sqs.close();
  return found;
}
