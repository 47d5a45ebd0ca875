import { describe, expect, it } from 'vitest';
import { productPolicy } from '../policies/product.ts';
import { aWorkload, launchOnce } from '../testing/a-workload.ts';
import { simulate } from './simulate.ts';
import { World } from './world.ts';

const evenly = (count: number, from: number, every: number) =>
  Array.from({ length: count }, (_, index) => from + index * every);

describe('a simulated job', () => {
  it('is done once, by both threads of each worker', () => {
    const workload = aWorkload([], { jobs: [{ at: 10, images: 2500, imageSeconds: 0.2 }] });
    const [job] = simulate(workload, launchOnce(2)).jobs ?? [];
    expect(job).toMatchObject({ images: 2500, chunks: 25, pages: 3 });
    // 250 s of work by two workers, after a boot of 40 s; the last chunk is 10 s of one worker.
    expect(job?.workSeconds).toBeCloseTo(250, -1);
    expect(job?.seconds).toBeGreaterThan(30 + 125);
    expect(job?.seconds).toBeLessThan(30 + 125 + 15);
  });

  it('lets a request wait for an image of it, and no longer', () => {
    const requests = evenly(200, 100, 2);
    const waits = (jobs: { at: number; images: number; imageSeconds: number }[]) => {
      const workload = aWorkload(requests, {
        ...{ serviceSeconds: requests.map(() => 0.2), durationSeconds: 600 },
        jobs,
      });
      return simulate(workload, launchOnce(2)).waits;
    };
    const without = waits([]);
    const beside = waits([{ at: 0, images: 4000, imageSeconds: 0.25 }]);
    expect(without.p95).toBeCloseTo(0.2);
    // The longest of these images takes about twice the mean.
    expect(beside.p99).toBeLessThanOrEqual(0.2 + 0.5);
    expect(beside.mean).toBeGreaterThan(without.mean);
  });

  it('is done in time beside requests, which wait no more than an image longer, under every policy', () => {
    const requests = evenly(2400, 60, 0.5);
    const workload = (jobs: boolean) =>
      aWorkload(requests, {
        ...{ serviceSeconds: requests.map(() => 0.25), durationSeconds: 1500 },
        ...(jobs && {
          jobs: [{ at: 300, images: 8000, imageSeconds: 0.25, completeWithinSeconds: 600 }],
        }),
      });
    for (const policy of ['deadline', 'per-message', 'backlog-per-worker'] as const) {
      const without = simulate(workload(false), productPolicy(policy));
      const beside = simulate(workload(true), productPolicy(policy));
      expect(beside.jobs?.[0]?.seconds).toBeLessThanOrEqual(600);
      expect(beside.waits.p95).toBeLessThanOrEqual(without.waits.p95 + 0.25);
      expect(beside.unanswered).toBe(0);
    }
  });

  it('is completed by other workers when its worker drains or dies', () => {
    for (const end of ['drain', 'kill'] as const) {
      const workload = aWorkload([], {
        jobs: [{ at: 0, images: 1000, imageSeconds: 0.5 }],
        durationSeconds: 600,
      });
      const world = new World(workload);
      world.launch(2);
      world.advance(60);
      const [first] = world.workers;
      if (first === undefined) throw new Error('there is no worker');
      expect(first.chunks).toHaveLength(2);
      if (end === 'kill') world.terminate(first);
      else world.instruct(first, { kind: 'drain', id: '1' });
      world.advance(70);
      expect(first.chunks).toEqual([]);
      world.advance(600);
      expect(world.jobs?.allDone).toBe(true);
      expect(world.jobs?.active()).toEqual([]);
      // What it had begun was classified again.
      expect(world.workers.reduce((sum, { jobImages }) => sum + jobImages, 0)).toBeGreaterThan(
        1000,
      );
    }
  });
});

it('a workload without jobs is simulated as before', () => {
  const workload = aWorkload(evenly(50, 10, 1));
  const { jobs, ...plain } = simulate({ ...workload, jobs: [] }, launchOnce(1));
  expect(jobs).toEqual([]);
  expect(plain).toEqual(simulate(workload, launchOnce(1)));
});
