import type { Job, JobEstimate } from '@labelfleet/client/jobs';

export type StubbedJob = Job;

let made = 0;

/** A job of the stub. Each one that is made is newer than those before. */
export function aJob(fields: Partial<Job> = {}): Job {
  made += 1;
  const id = `0192f0c1-7a8b-7c3d-9e4f-${String(made).padStart(12, '0')}`;
  const after = (seconds: number) => new Date(Date.now() + 1000 * seconds).toISOString();
  const self = `/v1/jobs/${id}`;
  return {
    id,
    status: 'running',
    source: { prefix: 's3://my-photos/2026/' },
    destination: `s3://my-results/jobs/${id}/`,
    topK: 1,
    createdAt: after(-720),
    counts: { listed: 1_203_441, succeeded: 301_998, failed: 122, skipped: 0, remaining: 901_321 },
    imagesPerSecond: 412,
    estimatedCompletion: { earliest: after(1_500), latest: after(3_660) },
    costUsd: 0.91,
    estimate: ESTIMATE,
    links: {
      self,
      events: `${self}/events`,
      results: `${self}/results`,
      errors: `${self}/errors`,
      cancel: `${self}/cancel`,
    },
    ...fields,
  };
}

/** The estimate of every dry run of the stub. */
export const ESTIMATE: JobEstimate = {
  images: 1_203_441,
  bytes: 103_079_215_104,
  complete: true,
  costUsd: {
    low: 3.1,
    high: 3.6,
    instances: { low: 2.5, high: 2.9 },
    boots: { low: 0.05, high: 0.1 },
    calls: { low: 0.55, high: 0.6 },
  },
  seconds: { low: 2_460, high: 3_300 },
  workers: 20,
  basis: [
    '1,203,441 images were counted.',
    'An image takes 0.05 s, as measured in the last hour.',
    'A boot takes 16 s, and up to 24 s.',
  ],
};

/** A job in every state, the newest first. */
export function jobsOfEveryState(): Job[] {
  const completedAt = (seconds: number) => new Date(Date.now() - 1000 * seconds).toISOString();
  const done = { imagesPerSecond: undefined, estimatedCompletion: undefined };
  return [
    aJob({
      ...done,
      status: 'canceled',
      completedAt: completedAt(600),
      counts: { listed: 800, succeeded: 100, failed: 0, skipped: 700, remaining: 0 },
      costUsd: 0.000_13,
      estimate: undefined,
      stop: {
        reason: 'canceled',
        detail: 'Its caller canceled it. What is done stays done.',
        at: completedAt(610),
      },
    }),
    aJob({
      ...done,
      status: 'failed',
      completedAt: completedAt(500),
      maxCostUsd: 0.5,
      counts: { listed: 1_203_441, succeeded: 301_998, failed: 0, skipped: 901_443, remaining: 0 },
      costUsd: 0.5,
      stop: {
        reason: 'budget',
        detail:
          'It has cost 0.50 USD, its limit. A job with a higher limit begins at the first image again.',
        at: completedAt(510),
      },
    }),
    aJob({
      ...done,
      status: 'succeeded',
      source: { manifest: 's3://my-photos/lists/a-list-with-a-rather-long-name-of-2026-11.jsonl' },
      completedAt: completedAt(60),
      counts: { listed: 20_000, succeeded: 19_000, failed: 1_000, skipped: 0, remaining: 0 },
      costUsd: null,
      estimate: undefined,
    }),
    aJob({
      source: { prefix: 's3://my-photos/2025/', include: ['*.jpg', '*.png'], exclude: ['*/raw/*'] },
    }),
    aJob({
      status: 'planning',
      imagesPerSecond: undefined,
      estimatedCompletion: undefined,
      estimate: undefined,
      costUsd: 0,
      counts: { listed: 4_000, succeeded: 0, failed: 0, skipped: 0, remaining: null },
    }),
  ].reverse();
}
