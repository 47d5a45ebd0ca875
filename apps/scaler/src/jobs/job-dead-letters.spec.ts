import { startTestCloud } from '@labelfleet/aws/testing';
import { encodeJobMessage, summarizeJob, type JobMessage } from '@labelfleet/contracts';
import { JobStore } from '@labelfleet/jobs';
import { createLogger } from '@labelfleet/runtime';
import { describe, expect, it } from 'vitest';
import { Metrics } from '../metrics.ts';
import { aStoredJob, NOW } from '../testing/builders.ts';
import { createJobCloud, done } from '../testing/job-cloud.ts';
import { resendJobDeadLetters } from './job-dead-letters.ts';

const chunk = (job: string): JobMessage => ({ v: 1, type: 'chunk', job, page: 0, chunk: 3 });

describe('the dead letters of the batch queue', () => {
  it('are sent again, chunks marked as resent, and counted', async () => {
    const { callsOf, createJob, sqs, urls, bodies, metrics } = createJobCloud();
    const { id } = await createJob(1);
    const plan: JobMessage = { v: 1, type: 'plan', job: id };
    const deadLetters = sqs.queue(urls.deadLetters);
    for (let index = 0; index < 12; index++)
      await deadLetters.send({ body: encodeJobMessage(chunk(id)) });
    await deadLetters.send({
      body: encodeJobMessage(plan),
      attributes: { traceparent: 'as it was' },
    });
    await callsOf(1);
    expect(bodies('deadLetters')).toEqual([]);
    const resent = { ...chunk(id), resent: true };
    expect(bodies('batch')).toEqual([...Array.from({ length: 12 }, () => resent), plan]);
    expect(await metrics.registry.metrics()).toContain(
      'labelfleet_dead_letters_total{outcome="resend"} 13',
    );
  });

  it('of a completed job or of none are deleted', async () => {
    const { callsOf, createJob, store, sqs, urls, bodies } = createJobCloud();
    const job = await createJob(1);
    await createJob(1);
    const plan = await store.plan(job.id);
    const at = new Date(NOW).toISOString();
    await store.storeSummary(summarizeJob(job, plan!, done(1000), undefined, at));
    for (const id of [job.id, aStoredJob().id])
      await sqs.queue(urls.deadLetters).send({ body: encodeJobMessage(chunk(id)) });
    await callsOf(1);
    expect(bodies('deadLetters')).toEqual([]);
    expect(bodies('batch')).toEqual([]);
  });

  it('that are malformed are deleted, and those of another version are kept', async () => {
    const { callsOf, createJob, sqs, urls } = createJobCloud();
    const { id } = await createJob(1);
    const newer = JSON.stringify({ ...chunk(id), v: 2 });
    for (const body of ['no JSON', newer]) await sqs.queue(urls.deadLetters).send({ body });
    await callsOf(1);
    expect(sqs.bodies(urls.deadLetters)).toEqual([newer]);
    expect(sqs.bodies(urls.batch)).toEqual([]);
  });

  it('stay when they cannot be sent, and are sent at a later look', async () => {
    const { callsOf, createJob, sqs, urls, bodies, breakCalls, metrics } = createJobCloud();
    const { id } = await createJob(1);
    await sqs.queue(urls.deadLetters).send({ body: encodeJobMessage(chunk(id)) });
    breakCalls('SendMessageBatch');
    await callsOf(1);
    expect(bodies('deadLetters')).toEqual([chunk(id)]);
    expect(await metrics.registry.metrics()).toContain(
      'labelfleet_dead_letters_total{outcome="failed"} 1',
    );
  });
});

it('on local-cloud, a chunk message that was received too often is sent again', async () => {
  await using cloud = await startTestCloud();
  await cloud.createBucket('state');
  const deadLettersUrl = await cloud.createQueue('batch-dead-letters');
  const batchUrl = await cloud.createQueue('batch', {
    deadLetters: { queueUrl: deadLettersUrl, maxReceiveCount: 1 },
  });
  const jobs = new JobStore(cloud.s3.store('state'));
  const { id } = await jobs.create(aStoredJob());
  const batchQueue = cloud.sqs.queue(batchUrl);
  await batchQueue.send({ body: encodeJobMessage(chunk(id)) });
  const poll = { maxMessages: 1, waitSeconds: 5, visibilityTimeoutSeconds: 30 };
  const [first] = await batchQueue.receive(poll);
  await batchQueue.retryIn(first?.receipt ?? '', 0);
  // It is moved when it would be received once more.
  expect(await batchQueue.receive({ ...poll, waitSeconds: 0 })).toEqual([]);
  const log = createLogger({ app: 'scaler', level: 'silent' });
  const deadLetters = cloud.sqs.queue(deadLettersUrl);
  await resendJobDeadLetters(
    { deadLetters, batchQueue, jobs, metrics: new Metrics(), log },
    new AbortController().signal,
  );
  const [again] = await batchQueue.receive(poll);
  expect(JSON.parse(again?.body ?? '')).toEqual({ ...chunk(id), resent: true });
});
