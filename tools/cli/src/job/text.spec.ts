import type { Job, JobEstimate } from '@labelfleet/client/jobs';
import { expect, test } from 'vitest';
import { bytes, endText, estimateText, progressText, timeRange, usd } from './text.ts';

const range = (low: number, high: number) => ({ low, high });

const estimate: JobEstimate = {
  ...{ images: 1_203_441, bytes: 96e9, complete: true, workers: 20, seconds: range(2460, 3300) },
  costUsd: {
    ...range(3.1, 3.6),
    ...{ instances: range(2.5, 2.9), boots: range(0.1, 0.2), calls: range(0.5, 0.5) },
  },
  basis: ['1,203,441 images were listed.'],
};

test.each<[Partial<JobEstimate>, string]>([
  [{}, '1,203,441 images, 96 GB: 3.10 to 3.60 USD, 41 to 55 min with 20 workers'],
  [{ bytes: undefined }, '1,203,441 images: 3.10 to 3.60 USD, 41 to 55 min with 20 workers'],
  [{ complete: false }, '1,203,441 images, 96 GB and more: 3.10'],
  [{ costUsd: null }, '96 GB: at an unknown price, 41 to 55 min'],
  [
    { images: 1, bytes: 700, workers: 1 },
    '1 image, 700 bytes: 3.10 to 3.60 USD, 41 to 55 min with 1 worker',
  ],
])('an estimate in a sentence: %j', (fields, text) => {
  expect(estimateText({ ...estimate, ...fields })).toContain(text);
});

test.each([
  [range(40, 70), '40 to 70 s'],
  [range(41 * 60, 55 * 60), '41 to 55 min'],
  [range(3600, 3 * 3600), '1.0 to 3.0 h'],
  [range(3600, 30 * 3600), '1 to 30 h'],
  [range(61, 61.4), '61 s'],
])('a range of times: %j is %s', (seconds, text) => {
  expect(timeRange(seconds)).toBe(text);
});

test.each([
  [3.104, '3.10 USD'],
  [0.0412, '0.041 USD'],
  [0.000123, '0.00012 USD'],
  [0, '0.00 USD'],
])('%d is %s', (amount, text) => expect(usd(amount)).toBe(text));

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [96_400_000, '96.4 MB'],
])('%d bytes are %s', (amount, text) => expect(bytes(amount)).toBe(text));

const NOW = Date.parse('2026-11-26T08:00:00.000Z');
const job: Job = {
  ...{ id: '0192f0c1-7a8b-7c3d-9e4f-5a6b7c8d9e0f', status: 'running', topK: 1 },
  ...{ source: { prefix: 's3://photos/' }, destination: 's3://results/jobs/', costUsd: 0.12 },
  createdAt: '2026-11-26T07:59:30.000Z',
  counts: { listed: 1_203_441, succeeded: 11_997, failed: 3, skipped: 0, remaining: 1_191_441 },
  imagesPerSecond: 410.4,
  estimatedCompletion: {
    earliest: '2026-11-26T08:44:00.000Z',
    latest: '2026-11-26T08:52:00.000Z',
  },
  links: { self: '', events: '', results: '', errors: '', cancel: '' },
};

test('progress', () => {
  expect(progressText(job, NOW)).toBe(
    '12,000 of 1,203,441 images, 3 failed, 410/s, 0.12 USD, 44 to 52 min left',
  );
  const fresh: Partial<Job> = { status: 'planning', imagesPerSecond: undefined, costUsd: null };
  expect(progressText({ ...job, ...fresh, estimatedCompletion: undefined }, NOW)).toBe(
    '12,000 of 1,203,441 images so far, 3 failed',
  );
});

test('the end', () => {
  const counts = { listed: 20, succeeded: 18, failed: 1, skipped: 1, remaining: 0 };
  const completedAt = '2026-11-26T08:00:11.000Z';
  const detail = 'It has cost 5 USD, its limit. Give it more.';
  const stop = { reason: 'budget', detail, at: completedAt } as const;
  expect(endText({ ...job, status: 'failed', counts, completedAt, stop })).toBe(
    '18 images classified, 1 failed, 1 left out, 0.12 USD, in 41 s. failed: It has cost 5 USD, its limit. Give it more.',
  );
});
