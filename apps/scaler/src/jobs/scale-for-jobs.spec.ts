import { replayTick } from '@labelfleet/scaling';
import { describe, expect, it } from 'vitest';
import { createJobCloud, done } from '../testing/job-cloud.ts';
import { createTestScaler } from '../testing/test-scaler.ts';
import { createFakeCloud } from '../testing/fake-cloud.ts';

/** A scaler with a batch queue. Its clock is that of its cloud. */
function createScaler(settings: Parameters<typeof createTestScaler>[0] = {}) {
  const cloud = createFakeCloud();
  const jobs = createJobCloud({ clock: cloud.clock });
  const scaler = createTestScaler({ cloud, jobs: jobs.watch, ...settings });
  return {
    jobs,
    scaler,
    /** Ticks for so many seconds, with the steps of the watch. */
    run: async (seconds: number, report: () => void = () => undefined): Promise<string[]> => {
      const calls: string[] = [];
      for (let second = 0; second < seconds; second += 2) {
        await jobs.stepIfDue();
        calls.push(...(await scaler.tick()));
        report();
      }
      return calls;
    },
  };
}

/** The heartbeat of a worker that works on jobs only: 0.5 s an image by two processes. */
const onJobs = (images: number, openChunks = 1) => ({
  idleSeconds: 100,
  jobs: { openChunks, images, classifySeconds: images, processes: 2 },
});

describe('a scaler with a job', () => {
  it('launches workers for it, says so, and drains them when it is done', async () => {
    const { scaler, jobs, run } = createScaler();
    await run(10);
    expect(scaler.alive()).toEqual([]);
    // 6,000 images of 0.25 s, as is assumed, or of 0.5 s, as is measured: 5 % are one boot and one end.
    const job = await jobs.createJob(6);
    jobs.changed();
    await run(4);
    const [id = '', ...others] = scaler.alive();
    expect(others).toEqual([]);
    const snapshot = await scaler.snapshot();
    expect(snapshot?.jobs).toEqual({ active: 1, remaining: 6000, workers: 1 });
    expect(snapshot?.decision.reason).toMatch(/; 1 job, 6,000 images left: 1 worker until /);
    const shown = await scaler.metrics.registry.metrics();
    expect(shown).toContain('labelfleet_jobs_active 1');
    expect(shown).toContain('labelfleet_job_images_remaining 6000');
    expect(shown).toContain('labelfleet_workers_for_jobs 1');
    expect(shown).toContain('labelfleet_jobs_stalled 0');

    await run(40);
    let images = 0;
    const work = () => scaler.report(id, onJobs((images += 4)));
    expect(await run(60, work)).toEqual([]);
    expect(await scaler.snapshot()).toMatchObject({
      workers: { busy: 1, idle: 0 },
      instances: [{ id, state: 'busy', jobImages: images - 4 }],
      learned: { jobImageSeconds: 0.5, serviceSeconds: null },
    });

    for (let page = 0; page < 6; page++) await jobs.store.markPage(job.id, page, done(1000));
    await jobs.store.endActive(job.id);
    const rest = () => scaler.report(id, onJobs(images, 0));
    // Set again until the worker confirms it.
    expect(new Set(await run(20, rest))).toEqual(new Set([`CreateTags ${id}`]));
    expect(scaler.instructionOf(id)?.kind).toBe('drain');
    expect((await scaler.snapshot())?.jobs).toBeUndefined();
    expect(
      scaler.ticks.map(replayTick).filter((tick) => tick.kind !== 'decoded' || !tick.value.same),
    ).toEqual([]);
  });

  it('keeps its workers while jobs cannot be read, and says so', async () => {
    const { scaler, jobs, run } = createScaler();
    await jobs.createJob(1);
    await run(4);
    const [id = ''] = scaler.alive();
    jobs.breakCalls('ListObjectsV2');
    const idle = () => scaler.report(id, { idleSeconds: 100 });
    expect(await run(120, idle)).toEqual([]);
    const snapshot = await scaler.snapshot();
    expect(snapshot?.decision.reason).toMatch(/; jobs are unknown \(.*\): 1 worker as before$/);
    expect(snapshot?.jobs).toEqual({ active: 1, remaining: 1000, workers: 1 });
  });

  it('does not call itself idle while a job is active', async () => {
    const { scaler, jobs, run } = createScaler({ settings: { maxWorkers: 0 } });
    await run(10);
    expect(await scaler.snapshot()).toMatchObject({ publishedEverySeconds: 40 });
    await jobs.createJob(1);
    jobs.changed();
    await run(10);
    expect(await scaler.snapshot()).toMatchObject({ publishedEverySeconds: 10 });
  });

  it('says when no job has made progress for 15 min', async () => {
    const { scaler, jobs, run } = createScaler({ settings: { maxWorkers: 0 } });
    await jobs.createJob(1);
    await run(920);
    const shown = await scaler.metrics.registry.metrics();
    expect(shown).toContain('labelfleet_jobs_stalled 1');
  });
});
