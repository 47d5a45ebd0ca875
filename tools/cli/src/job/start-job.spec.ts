import type { Job, JobRequest } from '@labelfleet/client/jobs';
import { expect, test, vi } from 'vitest';
import { startJob } from './start-job.ts';

const NOW = Date.parse('2026-11-26T08:00:00.000Z');
const request: JobRequest = { source: { prefix: 's3://photos/' }, topK: 1 };

function job(id: string, status: Job['status'], minutesAgo: number): Job {
  return {
    ...{ id, status, topK: 1, source: { prefix: 's3://photos/' }, destination: '', costUsd: 0 },
    createdAt: new Date(NOW - minutesAgo * 60_000).toISOString(),
    counts: { listed: 0, succeeded: 0, failed: 0, skipped: 0, remaining: 0 },
    links: { self: '', events: '', results: '', errors: '', cancel: '' },
  };
}

/** A service that has these jobs, each with the key that comes after the one before. */
function service(...jobs: Job[]) {
  const byKey = new Map<string, Job>();
  const create = vi.fn(async (_: JobRequest, options?: { idempotencyKey?: string | undefined }) => {
    const { idempotencyKey = '' } = options ?? {};
    const known = byKey.get(idempotencyKey) ?? jobs[byKey.size] ?? job('new', 'planning', 0);
    byKey.set(idempotencyKey, known);
    return await Promise.resolve(known);
  });
  return { create };
}

const start = (
  jobs: ReturnType<typeof service>,
  {
    isFixed = false,
    another = false,
    fields = {},
  }: { isFixed?: boolean; another?: boolean; fields?: object } = {},
) =>
  startJob(
    jobs,
    { isFixed },
    {
      request: { ...request, ...fields },
      ...{ notify: undefined, another, nowMs: NOW, signal: new AbortController().signal },
    },
  );

test.each([
  ['the first run starts a job', [], false, { id: 'new', isNew: true }],
  ['a running job is followed', [job('a', 'running', 50)], false, { id: 'a', isNew: false }],
  [
    'a job that is being stopped is followed',
    [job('a', 'canceling', 50)],
    true,
    { id: 'a', isNew: false },
  ],
  ['a prefix is classified again', [job('a', 'succeeded', 50)], false, { id: 'new', isNew: true }],
  [
    'a prefix is classified again, after any number of jobs',
    [job('a', 'succeeded', 50), job('b', 'failed', 40), job('c', 'running', 30)],
    ...[false, { id: 'c', isNew: false }],
  ],
  [
    'a job that has ended before the answer to its creation came',
    [job('a', 'succeeded', 0.5)],
    ...[false, { id: 'a', isNew: true }],
  ],
  [
    'the same images are not classified again',
    [job('a', 'succeeded', 50)],
    true,
    { id: 'a', isNew: false },
  ],
  ['a canceled job is repeated', [job('a', 'canceled', 0.1)], true, { id: 'new', isNew: true }],
  ['a failed job is repeated', [job('a', 'failed', 50)], true, { id: 'new', isNew: true }],
] as [string, Job[], boolean, object][])('%s', async (_case, known, isFixed, expected) => {
  const { job: found, isNew } = await start(service(...known), { isFixed });
  expect({ id: found.id, isNew }).toEqual(expected);
});

test('other arguments are another job', async () => {
  const jobs = service();
  await start(jobs);
  await start(jobs, { fields: { topK: 3 } });
  await start(jobs);
  const keys = jobs.create.mock.calls.map(([, options]) => options?.idempotencyKey);
  expect(keys[0]).toBe(keys[2]);
  expect(new Set(keys).size).toBe(2);
});

test('--new starts another job each time', async () => {
  const jobs = service(job('a', 'running', 5), job('b', 'running', 5));
  const first = await start(jobs, { another: true });
  expect((await start(jobs, { another: true })).job.id).not.toBe(first.job.id);
});
