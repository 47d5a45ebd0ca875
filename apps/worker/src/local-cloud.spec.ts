import { isTransient } from '@labelfleet/aws/errors';
import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import {
  decodeFleetEvent,
  decodeReplyMessage,
  decodeStoredResult,
  encodeRequestMessage,
  makeInstructionId,
  resultKey,
  WORKER_TAGS,
} from '@labelfleet/contracts';
import { retryInPlace, systemClock } from '@labelfleet/runtime';
import { embeddedModelDir, openClassifier, type Classifier } from '@labelfleet/inference';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RecordedAttemptEntry } from './request/attempt-record.ts';
import { aRequest } from './testing/builders.ts';
import { realWorker } from './testing/real-worker.ts';

let cloud: TestCloud;
let classifier: Classifier;
beforeAll(async () => {
  [cloud, classifier] = await Promise.all([
    startTestCloud(),
    openClassifier({ modelDir: embeddedModelDir, threads: 1, maxPixels: 50_000_000 }),
  ]);
});
afterAll(async () => {
  await classifier[Symbol.asyncDispose]();
  await cloud[Symbol.asyncDispose]();
});

const drawnImage = () =>
  sharp({ create: { width: 320, height: 240, channels: 3, background: 'skyblue' } })
    .composite([
      {
        input: { create: { width: 160, height: 160, channels: 3, background: 'orange' } },
      },
    ])
    .jpeg()
    .toBuffer();

const startRealWorker = (tags: Record<string, string> = {}) =>
  realWorker(cloud, { classifier, tags });

const receiveOne = async (url: string) => {
  const queue = cloud.sqs.queue(url);
  const [message] = await queue.receive({
    maxMessages: 1,
    waitSeconds: 10,
    visibilityTimeoutSeconds: 30,
  });
  if (message === undefined) throw new Error(`no message was received from ${url}`);
  await queue.ack(message.receipt);
  return message;
};

const receiveEvent = async (url: string) => {
  const event = decodeFleetEvent((await receiveOne(url)).body);
  if (event.kind === 'malformed') throw new Error(event.reason);
  return event.value;
};

test('of six attempts that are recorded at once three are allowed, and one of them can be withdrawn', async () => {
  await cloud.createBucket('state');
  const deps = {
    bucket: cloud.s3.store('state'),
    worker: 'i-1',
    maxAttemptMs: 60_000,
    clock: systemClock,
  };
  const { requestId } = aRequest();
  const entries = Array.from(
    { length: 6 },
    (_, index) => new RecordedAttemptEntry(requestId, `nonce-${index}`, deps),
  );
  const verdicts = await Promise.all(
    entries.map((entry) =>
      retryInPlace(() => entry.add(), {
        clock: systemClock,
        random: Math.random,
        isTransient,
        patienceMs: 120_000,
        signal: new AbortController().signal,
        worthwhile: () => true,
        onRetry: () => undefined,
      }),
    ),
  );
  const kinds = verdicts.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'may-attempt')).toHaveLength(3);
  expect(kinds.filter((kind) => kind === 'too-early')).toHaveLength(3);
  const allowed = entries[kinds.indexOf('may-attempt')];
  expect(await allowed?.withdraw()).toBe('withdrawn');
  expect(await new RecordedAttemptEntry(requestId, 'another', deps).add()).toEqual({
    kind: 'may-attempt',
  });
});

describe('a worker on the local cloud with the embedded model', () => {
  test('stores the result of a drawn image, replies, deletes the message, and stops', async () => {
    const { worker, urls, trace } = await startRealWorker();
    const request = aRequest({
      replyTo: urls.replies,
      submittedAt: new Date(systemClock.unixMs()).toISOString(),
    });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await cloud.s3
      .store('input')
      .put(request.imageKey, await drawnImage(), { contentType: 'image/jpeg' });
    await cloud.sqs
      .queue(urls.requests)
      .send({ body: encodeRequestMessage(request), attributes: { traceparent } });

    const message = await receiveOne(urls.replies);
    expect(message.attributes).toMatchObject({ traceparent });
    const reply = decodeReplyMessage(message.body);
    const object = await cloud.s3.store('output').get(resultKey(request.requestId));
    const stored = decodeStoredResult(Buffer.from(object?.body ?? []).toString());
    if (reply.kind === 'malformed' || stored.kind === 'malformed') throw new Error('malformed');
    expect(reply.value.result).toEqual(stored.value);
    expect(stored.value).toMatchObject({ status: 'succeeded', attempts: 1, worker: 'i-1' });
    expect(stored.value).toHaveProperty('predictions.length', request.topK);

    await worker.stop('SIGTERM');
    const order = ['store', 'reply', 'delete', 'drained'];
    expect(trace.filter((made) => order.includes(made))).toEqual(order);
    const depth = await cloud.sqs.queue(urls.requests).depth();
    expect(depth).toEqual({ visible: 0, inFlight: 0, delayed: 0 });

    const types: string[] = [];
    while (types.at(-1) !== 'stopped') {
      const event = await receiveEvent(urls.events);
      types.push(event.type);
      if (event.type === 'stopped') expect(event.imagesCompleted).toBe(1);
    }
    expect(types[0]).toBe('started');
  });

  test('that boots with a drain instruction receives nothing until a resume', async () => {
    const drain = makeInstructionId(undefined, 1, 'a');
    const resume = makeInstructionId(drain, 1, 'b');
    const request = aRequest({ submittedAt: new Date(systemClock.unixMs()).toISOString() });
    await cloud.s3
      .store('input')
      .put(request.imageKey, await drawnImage(), { contentType: 'image/jpeg' });
    const [requests, replyTo] = [
      await cloud.createQueue('requests'),
      await cloud.createQueue('replies'),
    ];
    await cloud.sqs.queue(requests).send({ body: encodeRequestMessage({ ...request, replyTo }) });

    const { worker, urls, metadata } = await startRealWorker({ [WORKER_TAGS.drain]: drain });
    const first = await receiveEvent(urls.events);
    expect(first).toMatchObject({ type: 'started', state: 'drained', instructionId: drain });
    expect((await receiveEvent(urls.events)).type).toBe('drained');
    const depth = await cloud.sqs.queue(urls.requests).depth();
    expect(depth).toEqual({ visible: 1, inFlight: 0, delayed: 0 });

    metadata.setTags({ [WORKER_TAGS.drain]: drain, [WORKER_TAGS.resume]: resume });
    const reply = decodeReplyMessage((await receiveOne(urls.replies)).body);
    expect(reply).toMatchObject({ kind: 'decoded', value: { result: { id: request.requestId } } });
    await worker.stop('SIGTERM');
  });
});
