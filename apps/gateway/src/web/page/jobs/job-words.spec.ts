import type { JobEstimate } from '@labelfleet/client/jobs';
import { expect, test } from 'vitest';
import { ago, NOW } from '../testing/fleet.ts';
import { aJob } from '../testing/jobs.ts';
import {
  countWords,
  endWords,
  estimateSentence,
  factWords,
  failureWords,
  originWords,
  runningWords,
  sourceWords,
} from './job-words.ts';

const range = (low: number, high: number) => ({ low, high });
const ESTIMATE: JobEstimate = {
  ...{ images: 1_203_441, bytes: 103e9, complete: true, workers: 20, seconds: range(2460, 3300) },
  costUsd: {
    ...range(3.1, 3.6),
    ...{ instances: range(2.5, 2.9), boots: range(0.1, 0.2), calls: range(0.5, 0.5) },
  },
  basis: [],
};
const DONE = {
  status: 'succeeded',
  completedAt: ago(0),
  estimatedCompletion: undefined,
  counts: { listed: 20, succeeded: 18, failed: 1, skipped: 1, remaining: 0 },
} as const;
const expected = (from: number, to: number) => ({
  imagesPerSecond: undefined,
  estimatedCompletion: { earliest: ago(-from), latest: ago(-to) },
});

test.each<[Partial<JobEstimate>, string]>([
  [{}, '1,203,441 images, 96 GB: $3.10 to $3.60, 41 to 55 min with 20 workers.'],
  [{ bytes: undefined }, '1,203,441 images: $3.10'],
  [{ complete: false }, '96 GB and more: $3.10'],
  [{ costUsd: null }, ': price not known, 41 to 55 min'],
  [
    { images: 1, bytes: 700, workers: 1 },
    '1 image, 1 KB: $3.10 to $3.60, 41 to 55 min with 1 worker.',
  ],
])('an estimate in a sentence: %j', (fields, text) => {
  expect(estimateSentence({ ...ESTIMATE, ...fields })).toContain(text);
});

test('failed and skipped images are counted apart from the classified ones', () => {
  expect(countWords(aJob())).toEqual({
    classified: '301,998 of 1,203,441 images classified',
    failed: '122 failed',
    skipped: '',
  });
  expect(countWords(aJob(DONE))).toMatchObject({ failed: '1 failed', skipped: '1 left out' });
  expect(countWords(aJob({ status: 'planning' })).classified).toBe(
    '1,203,441 images found so far, 301,998 classified',
  );
});

test.each([
  [{}, '412 images/s · $0.91 so far · ready in 25 to 60 min'],
  [{ imagesPerSecond: 4.25, estimatedCompletion: undefined }, '4.25 images/s · $0.91 so far'],
  [expected(0, 90), '$0.91 so far · ready within 90 s'],
  [expected(-90, -60), '$0.91 so far · ready any moment'],
  [{ ...expected(-90, -60), costUsd: null }, 'price not known · ready any moment'],
  [
    { ...DONE, estimate: ESTIMATE, maxCostUsd: 5 },
    '$0.91, $3.10 to $3.60 expected, at most $5.00 · took 60 s',
  ],
])('the facts of a job: %j', (fields, text) => {
  expect(factWords(aJob(fields), NOW)).toBe(text);
});

test('a source has its patterns', () => {
  const source = { prefix: 's3://photos/', include: ['*.jpg', '*.png'], exclude: ['bin/*'] };
  expect(sourceWords({ source })).toBe('s3://photos/');
  expect(sourceWords({ source: { manifest: 's3://photos/list' } })).toBe('s3://photos/list');
  expect(originWords(aJob({ source }))).toMatch(
    /^only \*\.jpg, \*\.png · without bin\/\* · started /,
  );
  expect(originWords(aJob())).toMatch(/^started /);
});

test('a screen reader hears how a job has ended, and not how it goes on', () => {
  expect(endWords(aJob(DONE))).toBe(
    'Done: s3://photos/2026/, 18 of 20 images classified, 1 failed',
  );
  expect(runningWords([aJob(), aJob(DONE)])).toBe('1 running');
  expect(runningWords([aJob(DONE)])).toBe('Classify everything below an address in S3');
});

test('a call that failed says why, and what to do', () => {
  const problem = { type: '', title: 'Not allowed', status: 403, detail: 'Ask the operator.' };
  const retryAfterMs = undefined;
  expect(failureWords({ kind: 'problem', problem, retryAfterMs })).toEqual({
    text: 'Not allowed.',
    more: 'Ask the operator.',
  });
  expect(failureWords({ kind: 'unanswered', trouble: 'offline', retryAfterMs })).toEqual({
    text: 'This browser is offline.',
    more: 'Try again.',
  });
});
