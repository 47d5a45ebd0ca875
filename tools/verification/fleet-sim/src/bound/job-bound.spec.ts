import { describe, expect, it } from 'vitest';
import { simulate } from '../engine/simulate.ts';
import { productPolicy } from '../policies/product.ts';
import { aWorkload } from '../testing/a-workload.ts';
import { jobBound } from './job-bound.ts';

const aJob = { chunks: 1, pages: 1, images: 100, seconds: null };

describe('the bound of a workload with jobs', () => {
  it('is the work, and the boots that a time limit demands', () => {
    const workload = aWorkload([]);
    const unlimited = { ...aJob, workSeconds: 1000, completeWithinSeconds: null };
    expect(jobBound(workload, [unlimited])).toBe(1000 + 40);
    // Four workers have no more than 300 s each.
    const limited = { ...unlimited, completeWithinSeconds: 300 };
    expect(jobBound(workload, [limited])).toBe(1000 + 4 * 40);
    expect(jobBound(workload, [unlimited, limited])).toBe(2000 + 4 * 40);
  });

  it('counts requests, and is never below their own bound', () => {
    const workload = aWorkload([0, 100]);
    const job = { ...aJob, workSeconds: 10, completeWithinSeconds: null };
    // 1 s each on one of two threads; their own bound has the idle time between them, or two boots.
    expect(jobBound(workload, [job])).toBeGreaterThan(10 + 1 + 40);
  });

  it.each([1, 2, 3])('is not above what a run costs (seed %i)', (seed) => {
    const workload = aWorkload([5, 6, 7], {
      seed,
      durationSeconds: 1200,
      jobs: [{ at: 20, images: 2000, imageSeconds: 0.5, completeWithinSeconds: 600 }],
    });
    const run = simulate(workload, productPolicy('deadline'));
    expect(run.jobs?.[0]?.seconds).toBeLessThanOrEqual(600);
    expect(jobBound(workload, run.jobs ?? [])).toBeLessThanOrEqual(run.billedSeconds);
  });
});
