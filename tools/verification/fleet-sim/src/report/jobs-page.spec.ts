import { expect, test } from 'vitest';
import type { RunResult } from '../types.ts';
import { jobsPage, type JobRun } from './jobs-page.ts';

const run = (p95: number, billedSeconds: number, policy = 'deadline'): RunResult => ({
  ...{ policy, workload: 'w', seed: 1, images: 10, instanceSeconds: 0, billedSeconds, usd: 0 },
  waits: { mean: 0, p50: 0, p95, p99: 0 },
  ...{ hourlyP95: [], withinTarget: 1, interrupted: 0, launches: 7, peak: 5, unanswered: 0 },
  series: [],
});

const aRun = (changes: Partial<JobRun> = {}): JobRun => ({
  kind: { name: 'job-million-alone', about: 'a million images' },
  run: run(0.5, 3700),
  without: run(0.4, 100),
  jobs: [
    {
      ...{ images: 1_000_000, chunks: 10_000, pages: 1000, workSeconds: 3000 },
      ...{ seconds: 3600, completeWithinSeconds: 4000 },
    },
  ],
  ...{ requestSeconds: 50, boundSeconds: 3500, usdPerSecond: 0.01 },
  ...changes,
});

test('the page has what requests notice, and the cost by part', () => {
  const page = jobsPage([aRun()]);
  expect(page).toContain('Every job with a time limit is done in it.');
  expect(page).toContain('The p95 of requests grows by 0.10 s at most.');
  expect(page).toMatch(
    /\| job-million-alone \| a million images \| deadline +\| +0.40 s \| +0.50 s \| +60 min \| 67 min \|/,
  );
  // 3,000 s and 50 s of work, and 650 s besides; 3,600 s more than without, and the calls.
  expect(page).toMatch(
    /\| +\$30\.00 \| +\$0\.500 \| +\$6\.50 \| +\$0\.5\d\d to \$0\.5\d\d \| +\$36\.5\d to \$36\.5\d \| +1\.06 \|/,
  );
  // A GET for each image, three to five for each chunk, two to four for each page.
  expect(page).toMatch(/\| S3 GET and HEAD \| 1,032,\d+ \| 1,05\d,\d+ \|/);
});

test('the page says when a job is late, and leaves other policies out of the cost', () => {
  const late = aRun().jobs.map((job) => ({ ...job, seconds: null }));
  const page = jobsPage([aRun({ run: run(0.5, 3700, 'per-message'), jobs: late })]);
  expect(page).toContain('1 jobs are done later than their limit.');
  expect(page).toContain('The workload was not run.');
});
