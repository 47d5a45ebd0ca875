import { summarizeJob } from '@labelfleet/contracts';
import { describe, expect, it } from 'vitest';
import { NOW } from '../testing/builders.ts';
import { createJobCloud, done } from '../testing/job-cloud.ts';

const at = new Date(NOW).toISOString();

/** A job of one page, all of which is done. */
async function createDoneJob(
  { createJob, store }: ReturnType<typeof createJobCloud>,
  { completed = true, notify = 'archive' }: { completed?: boolean; notify?: string } = {},
) {
  const job = await createJob(1, { notify });
  await store.markPage(job.id, 0, done(1000));
  const plan = await store.plan(job.id);
  if (plan === undefined) throw new Error('there is no plan');
  if (completed) await store.storeSummary(summarizeJob(job, plan, done(1000), undefined, at));
  return job;
}

describe('a job whose messages are lost', () => {
  it('gets its plan message again when the batch queue was empty for a minute, every 5 min', async () => {
    const { callsOf, createJob, bodies, sqs, urls } = createJobCloud();
    const { id } = await createJob(2);
    await callsOf(60);
    expect(bodies('batch')).toEqual([]);
    await callsOf(1);
    const plan = { v: 1, type: 'plan', job: id };
    expect(bodies('batch')).toEqual([plan]);
    // A worker takes it, and nothing comes of it.
    const queue = sqs.queue(urls.batch);
    const poll = { maxMessages: 1, waitSeconds: 0, visibilityTimeoutSeconds: 30 };
    const [message] = await queue.receive(poll);
    await callsOf(600);
    expect(bodies('batch')).toEqual([plan]);
    await queue.ack(message?.receipt ?? '');
    await callsOf(60);
    expect(bodies('batch')).toEqual([]);
    await callsOf(20);
    expect(bodies('batch')).toEqual([plan]);
  });

  it('gets no plan message while any look finds a message', async () => {
    const { callsOf, createJob, bodies, sqs, urls } = createJobCloud();
    await createJob(2);
    const queue = sqs.queue(urls.batch);
    for (let minute = 0; minute < 5; minute++) {
      await callsOf(50);
      await queue.send({ body: '{}' });
      await callsOf(10);
      const poll = { maxMessages: 1, waitSeconds: 0, visibilityTimeoutSeconds: 30 };
      const [message] = await queue.receive(poll);
      await queue.ack(message?.receipt ?? '');
    }
    expect(bodies('batch')).toEqual([]);
  });

  it('gets its plan message at once after a repair that failed', async () => {
    const { callsOf, createJob, bodies, breakCalls, mendCalls } = createJobCloud();
    const jobs = [await createJob(1), await createJob(1)];
    breakCalls('SendMessageBatch');
    await callsOf(80);
    mendCalls();
    await callsOf(10);
    expect(bodies('batch')).toEqual(jobs.map(({ id }) => ({ v: 1, type: 'plan', job: id })));
  });

  it('is not repaired by a scaler that does not lead', async () => {
    let leads = false;
    const { callsOf, createJob, bodies } = createJobCloud({ leads: () => leads });
    await createJob(2);
    await callsOf(600);
    expect(bodies('batch')).toEqual([]);
    leads = true;
    await callsOf(100);
    expect(bodies('batch')).toHaveLength(1);
  });
});

describe('a completed job whose worker died after the summary', () => {
  it('is ended in the second look that finds it so: its webhook message, then its active marker', async () => {
    const cloud = createJobCloud();
    const { id } = await createDoneJob(cloud);
    await cloud.callsOf(10);
    expect(cloud.bodies('webhooks')).toEqual([]);
    await cloud.callsOf(1);
    expect(cloud.bodies('webhooks')).toEqual([
      { v: 1, type: 'job.completed', id, receiver: 'archive' },
    ]);
    expect(await cloud.store.active()).toEqual([]);
  });

  it('keeps its active marker until its webhook message is sent', async () => {
    const cloud = createJobCloud();
    const { id } = await createDoneJob(cloud);
    cloud.breakCalls('SendMessageBatch');
    await cloud.callsOf(30);
    expect(await cloud.store.active()).toEqual([id]);
    cloud.mendCalls();
    await cloud.callsOf(10);
    expect(await cloud.store.active()).toEqual([]);
    expect(cloud.bodies('webhooks')).toHaveLength(1);
  });

  it('is ended without a webhook message if no receivers are configured', async () => {
    const cloud = createJobCloud({ webhooks: false });
    await createDoneJob(cloud);
    await cloud.callsOf(11);
    expect(await cloud.store.active()).toEqual([]);
  });
});

it('a job without a summary whose pages are all done gets its plan message again, and keeps its marker', async () => {
  const cloud = createJobCloud();
  const { id } = await createDoneJob(cloud, { completed: false });
  await cloud.callsOf(61);
  expect(cloud.bodies('batch')).toEqual([{ v: 1, type: 'plan', job: id }]);
  expect(await cloud.store.active()).toEqual([id]);
});
