import { jobKey } from '@labelfleet/contracts';
import { describe, expect, it } from 'vitest';
import { aJobPage, NOW } from '../testing/builders.ts';
import { createJobCloud, done } from '../testing/job-cloud.ts';
import { JobLooks } from './job-looks.ts';

function createLooks() {
  const cloud = createJobCloud();
  const errors: unknown[] = [];
  const looks = new JobLooks(cloud.store, { error: (fields: unknown) => void errors.push(fields) });
  return {
    ...cloud,
    errors,
    looks,
    demands: async () => (await looks.look()).map(({ demand }) => demand),
  };
}

const STOP = { v: 1, reason: 'canceled', detail: 'Its caller canceled it.' } as const;

describe('a look at jobs', () => {
  it('counts the images that are left: those of the plan without those of done pages', async () => {
    const { createJob, store, demands, looks } = createLooks();
    const { id } = await createJob(3);
    expect(await demands()).toEqual([{ remaining: 3000, state: 'runs' }]);
    await store.markPage(id, 1, done(990, { failed: 6, skipped: 4 }));
    expect(await demands()).toEqual([{ remaining: 2000, state: 'runs' }]);
    for (const page of [0, 2]) await store.markPage(id, page, done(1000));
    expect(await looks.look()).toMatchObject([
      { id, allDone: true, pages: { listed: 3, done: 3 }, demand: { remaining: 0 } },
    ]);
  });

  it('counts what is listed while a job is planned, or what is expected if that is more', async () => {
    const { createJob, store, demands, looks } = createLooks();
    const { id } = await createJob(0, { planned: false });
    const estimate = {
      ...{ images: 2500, complete: true, costUsd: null, workers: 1, basis: [] },
      seconds: { low: 1, high: 2 },
    };
    await createJob(1, { planned: false, estimate });
    const remaining = async () => (await demands()).map((demand) => demand.remaining);
    expect(await remaining()).toEqual([0, 2500]);
    for (const page of [0, 1]) await store.storePage(id, aJobPage(page));
    expect(await remaining()).toEqual([2000, 2500]);
    const last = aJobPage(2, { images: [], next: null, listed: { images: 2000, bytes: 0 } });
    await store.storePage(id, last);
    await store.markPage(id, 0, done(1000));
    expect(await remaining()).toEqual([1000, 2500]);
    expect(await looks.look()).toMatchObject([
      { pages: { listed: 3, done: 1 }, allDone: false },
      {},
    ]);
  });

  it('knows the time limit, the oldest job first', async () => {
    const { createJob, demands } = createLooks();
    await createJob(1);
    await createJob(2, { completeWithinSeconds: 7200 });
    expect(await demands()).toEqual([
      { remaining: 1000, state: 'runs' },
      { remaining: 2000, state: 'runs', completeByMs: NOW + 7_200_000 },
    ]);
  });

  it('launches nothing for a job that has cost nine tenths of its budget, by what its pages cost', async () => {
    const { createJob, store, demands } = createLooks();
    const { id } = await createJob(4, { maxCostUsd: 0.0099 });
    const states = async () => (await demands()).map(({ state }) => state);
    // 0.003 USD a page
    await store.markPage(id, 0, done(1000));
    await store.markPage(id, 1, done(1000));
    expect(await states()).toEqual(['runs']);
    await store.markPage(id, 2, done(1000));
    expect(await states()).toEqual(['nearly-spent']);
  });

  it('launches for a job of unknown price', async () => {
    const { createJob, store, demands } = createLooks();
    const { id } = await createJob(2, { maxCostUsd: 0.001 });
    await store.markPage(id, 0, done(1000, { nanoUsd: null }));
    expect(await demands()).toMatchObject([{ state: 'runs' }]);
  });

  it('sees that a job is stopped', async () => {
    const { createJob, store, demands } = createLooks();
    const { id } = await createJob(2);
    await demands();
    await store.stop(id, { ...STOP, at: new Date(NOW).toISOString() });
    expect(await demands()).toMatchObject([{ state: 'stopped', remaining: 2000 }]);
  });

  it('leaves out a job that cannot be read, and says so once', async () => {
    const { createJob, s3, demands, errors } = createLooks();
    const [bad] = [await createJob(1), await createJob(2)];
    await s3.store('state').put(jobKey(bad.id), '{"v":2}', { contentType: 'application/json' });
    expect(await demands()).toMatchObject([{ remaining: 2000 }]);
    await demands();
    expect(errors).toEqual([expect.objectContaining({ event: 'job.unreadable', job: bad.id })]);
  });

  it('costs a listing, and for each job another and a read, once it is planned', async () => {
    const { createJob, looks, calls } = createLooks();
    await createJob(1);
    await createJob(1);
    await looks.look();
    calls.length = 0;
    await looks.look();
    // Reads: whether it is stopped.
    expect(calls.map((call) => call.split(' ')[0]).sort()).toEqual([
      ...['GetObject', 'GetObject'],
      ...['ListObjectsV2', 'ListObjectsV2', 'ListObjectsV2'],
    ]);
  });
});
