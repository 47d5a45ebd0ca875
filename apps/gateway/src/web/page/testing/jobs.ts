import type { Job } from '@labelfleet/client/jobs';
import { ago, NOW } from './fleet.ts';

const later = (seconds: number) => new Date(NOW + 1000 * seconds).toISOString();

/** A job that runs; `number` is in its id, so that a greater one is newer. */
export const aJob = (fields: Partial<Job> = {}, number = 1): Job => ({
  id: `0192f0c1-7a8b-7c3d-9e4f-${String(number).padStart(12, '0')}`,
  status: 'running',
  source: { prefix: 's3://photos/2026/' },
  destination: 's3://results/jobs/',
  topK: 1,
  createdAt: ago(60),
  counts: { listed: 1_203_441, succeeded: 301_998, failed: 122, skipped: 0, remaining: 901_321 },
  imagesPerSecond: 412,
  estimatedCompletion: { earliest: later(1_500), latest: later(3_600) },
  costUsd: 0.91,
  links: { self: '', events: '', results: '', errors: '', cancel: '' },
  ...fields,
});
