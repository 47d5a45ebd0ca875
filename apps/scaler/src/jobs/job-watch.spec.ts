import { systemClock } from '@labelfleet/runtime';
import { describe, expect, it, vi } from 'vitest';
import { createJobCloud, done } from '../testing/job-cloud.ts';
import { JobWatch } from './job-watch.ts';

describe('the watch on jobs', () => {
  it('without jobs reads only the depth of the batch queue, once a minute', async () => {
    const { callsOf } = createJobCloud();
    // It does not know at the start.
    expect(await callsOf(60)).toEqual({ 'GetQueueAttributes batch': 1, 'ListObjectsV2 active': 1 });
    expect(await callsOf(3600)).toEqual({ 'GetQueueAttributes batch': 60 });
  });

  it('while a job is active looks every 10 s', async () => {
    const { callsOf, createJob, watch } = createJobCloud();
    await createJob(1);
    await callsOf(10);
    const counts = await callsOf(60);
    expect(counts).toMatchObject({
      'GetQueueAttributes batch': 6,
      'ListObjectsV2 active': 6,
      'ListObjectsV2 done': 6,
      'GetObject stop.json': 6,
      'ReceiveMessage batch-dead-letters': 6,
    });
    expect(watch.current).toEqual({ kind: 'known', value: [{ remaining: 1000, state: 'runs' }] });
  });

  it('looks at once when a gateway says that jobs have changed, or when the batch queue is not empty', async () => {
    const { callsOf, createJob, changed, store, watch, sqs, urls } = createJobCloud();
    await callsOf(5);
    expect(watch.current).toEqual({ kind: 'known', value: [] });
    const { id } = await createJob(1);
    changed();
    await callsOf(1);
    expect(watch.current).toMatchObject({ value: [{ remaining: 1000 }] });

    await store.endActive(id);
    await callsOf(60);
    expect(watch.current).toEqual({ kind: 'known', value: [] });
    // The event is lost.
    await createJob(2);
    await sqs.queue(urls.batch).send({ body: 'a plan' });
    await callsOf(61);
    expect(watch.current).toMatchObject({ value: [{ remaining: 2000 }] });
  });

  it('does not know the jobs before its first look and after one that failed, and tries again', async () => {
    const { callsOf, createJob, breakCalls, mendCalls, watch, metrics } = createJobCloud();
    expect(watch.current).toEqual({ kind: 'unknown', reason: 'not looked at yet' });
    await createJob(1);
    await callsOf(1);
    breakCalls('ListObjectsV2');
    await callsOf(20);
    expect(watch.current).toMatchObject({ kind: 'unknown', reason: /no answer came/ });
    expect(watch.stalledSeconds).toBe(0);
    mendCalls();
    await callsOf(10);
    expect(watch.current.kind).toBe('known');
    expect(await metrics.registry.metrics()).toContain(
      'labelfleet_troubles_total{call="look-at-jobs",kind="failed"} 2',
    );
  });

  it('looks although the depth of the queue is unknown while jobs are active, but repairs nothing', async () => {
    const { callsOf, createJob, breakCalls, bodies, watch } = createJobCloud();
    await createJob(1);
    await callsOf(1);
    breakCalls('GetQueueAttributes');
    const counts = await callsOf(600);
    expect(counts['ListObjectsV2 active']).toBe(60);
    expect(watch.current.kind).toBe('known');
    expect(bodies('batch')).toEqual([]);
  });

  it('knows for how long no job has made progress', async () => {
    const { callsOf, createJob, store, watch } = createJobCloud();
    const { id } = await createJob(2);
    await callsOf(1000);
    expect(watch.stalledSeconds).toBe(1000);
    await store.markPage(id, 0, done(1000));
    await callsOf(20);
    expect(watch.stalledSeconds).toBeLessThanOrEqual(20);
    await store.endActive(id);
    await callsOf(10);
    expect(watch.stalledSeconds).toBe(0);
  });

  it('is woken from its wait by an event, and ends when it is aborted', async () => {
    const cloud = createJobCloud();
    let looks = 0;
    const watch = new JobWatch({
      batchQueue: cloud.sqs.queue(cloud.urls.batch),
      looks: {
        look: async () => {
          looks += 1;
          return [];
        },
      },
      metrics: cloud.metrics,
      log: { warn: () => undefined },
      clock: systemClock,
    });
    const stopping = new AbortController();
    const ended = watch.run(stopping.signal);
    for (const count of [1, 2, 3]) {
      await vi.waitFor(() => expect(looks).toBe(count), { interval: 1 });
      watch.changed();
    }
    stopping.abort(new Error('enough'));
    await ended;
  });
});
