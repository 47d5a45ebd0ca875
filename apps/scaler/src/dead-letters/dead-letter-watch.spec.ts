import { AwsCallError } from '@labelfleet/aws/errors';
import { fakeS3, fakeSqs, startTestCloud } from '@labelfleet/aws/testing';
import type { SqsConnection } from '@labelfleet/aws/queue';
import type { S3Connection } from '@labelfleet/aws/store';
import {
  attemptRecordKey,
  decodeReplyMessage,
  decodeRequestMessage,
  decodeStoredResult,
  decodeWebhookMessage,
  encodeAttemptRecord,
  encodeRequestMessage,
  resultKey,
  type RequestMessage,
} from '@labelfleet/contracts';
import { createLogger } from '@labelfleet/runtime';
import { describe, expect, it, vi } from 'vitest';
import { watchDeadLetters } from './dead-letter-watch.ts';
import { Metrics } from '../metrics.ts';
import { RequestRecords } from './request-records.ts';
import { aRequest, NOW } from '../testing/builders.ts';

const JSON_TYPE = { contentType: 'application/json' };
const POLL = { maxMessages: 1, waitSeconds: 0, visibilityTimeoutSeconds: 30 };
type Step = 'store' | 'reply' | 'notify' | 'send' | 'delete';

interface Cloud {
  sqs: SqsConnection;
  s3: S3Connection;
  urls: Record<'deadLetters' | 'requests' | 'replies' | 'webhooks', string>;
}

/** A watch upon queues and buckets. `before` a step may throw, or stop the watch. */
function startWatch({ sqs, s3, urls }: Cloud, before: (step: Step) => void = () => undefined) {
  const stopping = new AbortController();
  const metrics = new Metrics();
  const deadLetters = sqs.queue(urls.deadLetters);
  const requests = sqs.queue(urls.requests);
  const output = s3.store('output');
  const step =
    <A extends unknown[], R>(name: Step, call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      before(name);
      return call(...args);
    };
  const ended = watchDeadLetters(
    {
      deadLetters: {
        receive: (...call) => deadLetters.receive(...call),
        ack: step('delete', (receipt: string) => deadLetters.ack(receipt)),
        retryIn: (...call) => deadLetters.retryIn(...call),
      },
      requests: { send: step('send', (message) => requests.send(message)) },
      replies: { send: step('reply', (...call) => sqs.sender.send(...call)) },
      webhooks: { send: step('notify', (message) => sqs.queue(urls.webhooks).send(message)) },
      records: new RequestRecords({
        input: s3.store('input'),
        output: {
          get: (...call) => output.get(...call),
          put: step('store', (...call) => output.put(...call)),
        },
        state: s3.store('state'),
      }),
      metrics,
      log: createLogger({ app: 'scaler', level: 'silent' }),
      clock: { unixMs: () => NOW, sleep: async () => undefined },
      random: () => 0,
    },
    stopping.signal,
  );
  return {
    outcome: async (name: string, count = 1) => {
      const line = `labelfleet_dead_letters_total{outcome="${name}"} ${count}`;
      await vi.waitFor(
        async () => expect((await metrics.registry.metrics()).split('\n')).toContain(line),
        { timeout: 5_000, interval: 5 },
      );
    },
    stop: async () => {
      stopping.abort(new Error('the test is over'));
      await ended;
    },
  };
}

function fakeCloud() {
  const sqs = fakeSqs();
  const s3 = fakeS3();
  for (const bucket of ['input', 'output', 'state']) s3.createBucket(bucket);
  const urls = {
    deadLetters: sqs.createQueue('dead-letters'),
    requests: sqs.createQueue('requests'),
    replies: sqs.createQueue('replies'),
    webhooks: sqs.createQueue('webhooks'),
  };
  return { sqs, s3, urls };
}

const threeStarts = encodeAttemptRecord({
  v: 1,
  attempts: ['a', 'b', 'c'].map((nonce) => ({
    nonce,
    worker: 'i-1',
    at: new Date(NOW - 900_000).toISOString(),
    endsAt: new Date(NOW - 800_000).toISOString(),
  })),
});

/** A request on the dead-letter queue: with its image, and with three recorded attempts if they are exhausted. */
async function buried({ sqs, s3, urls }: Cloud, usedUp: boolean): Promise<RequestMessage> {
  const request = aRequest({ replyTo: urls.replies, notify: 'archive' });
  await s3.store('input').put(request.imageKey, 'a picture', { contentType: 'image/png' });
  if (usedUp)
    await s3.store('state').put(attemptRecordKey(request.requestId), threeStarts, JSON_TYPE);
  await sqs.queue(urls.deadLetters).send({
    body: encodeRequestMessage(request),
    attributes: { traceparent: 'as it was' },
  });
  return request;
}

const failedWith = (requestId: string, code: string) => ({
  kind: 'decoded',
  value: { id: requestId, problem: { type: `urn:labelfleet:problem:${code}` } },
});

async function storedResult({ s3 }: Cloud, requestId: string) {
  const object = await s3.store('output').get(resultKey(requestId));
  return decodeStoredResult(new TextDecoder().decode(object?.body));
}

describe('the dead-letter watch', () => {
  it('sends a request with attempts left again, marked, with its trace, and deletes the dead letter', async () => {
    const cloud = fakeCloud();
    const request = await buried(cloud, false);
    const watch = startWatch(cloud);
    await watch.outcome('resend');
    await watch.stop();
    const [sent] = await cloud.sqs.queue(cloud.urls.requests).receive(POLL);
    expect(decodeRequestMessage(sent?.body ?? '')).toEqual({
      kind: 'decoded',
      value: { ...request, resent: true },
    });
    expect(sent?.attributes).toEqual({ traceparent: 'as it was' });
    expect(cloud.sqs.bodies(cloud.urls.deadLetters)).toEqual([]);
  });

  it('completes a request without attempts left: stores, replies, notifies, deletes', async () => {
    const cloud = fakeCloud();
    const { requestId } = await buried(cloud, true);
    const steps: Step[] = [];
    const watch = startWatch(cloud, (step) => void steps.push(step));
    await watch.outcome('complete');
    await watch.stop();
    expect(steps).toEqual(['store', 'reply', 'notify', 'delete']);
    expect(await storedResult(cloud, requestId)).toMatchObject(
      failedWith(requestId, 'attempts-exhausted'),
    );
    expect(cloud.sqs.bodies(cloud.urls.replies)).toHaveLength(1);
    expect(cloud.sqs.bodies(cloud.urls.deadLetters)).toEqual([]);
  });

  it('deletes a message without a request id, and keeps one of another version', async () => {
    const cloud = fakeCloud();
    const deadLetters = cloud.sqs.queue(cloud.urls.deadLetters);
    const newer = JSON.stringify({ ...aRequest(), v: 2 });
    for (const body of ['no JSON', newer]) await deadLetters.send({ body });
    const watch = startWatch(cloud);
    await watch.outcome('malformed');
    await watch.outcome('not-understood');
    await watch.stop();
    expect(cloud.sqs.bodies(cloud.urls.deadLetters)).toEqual([newer]);
  });

  it('continues after a failed receive', async () => {
    const cloud = fakeCloud();
    await buried(cloud, false);
    let failures = 2;
    const broken = fakeSqs({
      beforeCall: (operation) => {
        if (operation === 'ReceiveMessage' && failures-- > 0)
          throw new AwsCallError(operation, { code: 'TimeoutError', message: 'no answer came' });
      },
    });
    const urls = { ...cloud.urls, deadLetters: broken.createQueue('dead-letters') };
    await broken.queue(urls.deadLetters).send({ body: 'no request' });
    const watch = startWatch({ ...cloud, sqs: broken, urls });
    await watch.outcome('malformed');
    await watch.stop();
  });
});

describe.each([
  { usedUp: true, steps: ['store', 'reply', 'notify', 'delete'] as const },
  { usedUp: false, steps: ['send', 'delete'] as const },
])(
  'a scaler killed while it handles a dead letter (attempts used up: $usedUp)',
  ({ usedUp, steps }) => {
    it.each(steps)('before %s leaves it to the next one, with the same outcome', async (last) => {
      const cloud = fakeCloud();
      const { requestId } = await buried(cloud, usedUp);
      const first = startWatch(cloud, (step) => {
        if (step === last) throw new Error('killed');
      });
      await first.outcome('failed');
      await first.stop();
      // What the visibility time-out does.
      const deadLetters = cloud.sqs.bodies(cloud.urls.deadLetters);
      expect(deadLetters).toHaveLength(1);
      const again = fakeCloud();
      await again.sqs.queue(again.urls.deadLetters).send({ body: deadLetters[0] ?? '' });
      const sqs = { ...cloud.sqs, queue: (url: string) => queueOf(url) };
      const queueOf = (url: string) =>
        url === cloud.urls.deadLetters ? again.sqs.queue(url) : cloud.sqs.queue(url);
      const second = startWatch({ ...cloud, sqs });
      await second.outcome(
        usedUp ? (last === 'store' ? 'complete' : 'already-completed') : 'resend',
      );
      await second.stop();
      expect(again.sqs.bodies(again.urls.deadLetters)).toEqual([]);
      const replies = cloud.sqs.bodies(cloud.urls.replies).map(decodeReplyMessage);
      const sent = cloud.sqs.bodies(cloud.urls.requests).map(decodeRequestMessage);
      if (usedUp) {
        const result = await storedResult(cloud, requestId);
        expect(result).toMatchObject(failedWith(requestId, 'attempts-exhausted'));
        expect(replies.length).toBe(last === 'notify' || last === 'delete' ? 2 : 1);
        const webhooks = cloud.sqs.bodies(cloud.urls.webhooks).map(decodeWebhookMessage);
        expect(webhooks.length).toBe(last === 'delete' ? 2 : 1);
        for (const each of webhooks)
          expect(each).toMatchObject({ value: { id: requestId, receiver: 'archive' } });
        for (const reply of replies)
          expect(reply).toMatchObject({ value: { result: 'value' in result ? result.value : {} } });
        expect(sent).toEqual([]);
      } else {
        // Twice, perhaps, and marked each time: workers then look and count (P4).
        expect(sent.length).toBe(last === 'delete' ? 2 : 1);
        for (const each of sent) expect(each).toMatchObject({ value: { requestId, resent: true } });
        expect(replies).toEqual([]);
      }
    });
  },
);

it('on local-cloud, a dead letter is sent again, and completed when its attempts are used up', async () => {
  await using cloud = await startTestCloud();
  for (const bucket of ['input', 'output', 'state']) await cloud.createBucket(bucket);
  const deadLetters = await cloud.createQueue('dead-letters');
  const requests = await cloud.createQueue('requests', {
    deadLetters: { queueUrl: deadLetters, maxReceiveCount: 1 },
  });
  const [replies, webhooks] = [
    await cloud.createQueue('replies'),
    await cloud.createQueue('webhooks'),
  ];
  const urls = { deadLetters, requests, replies, webhooks };
  const parts = { sqs: cloud.sqs, s3: cloud.s3, urls };
  const request = aRequest({ replyTo: urls.replies });
  await cloud.s3.store('input').put(request.imageKey, 'a picture', { contentType: 'image/png' });
  const queue = cloud.sqs.queue(requests);
  await queue.send({ body: encodeRequestMessage(request) });
  const receive = async (waitSeconds: number) => {
    const [message] = await queue.receive({ ...POLL, waitSeconds });
    return message;
  };

  const watch = startWatch(parts);
  const first = await receive(5);
  if (first === undefined) throw new Error('nothing came');
  await queue.retryIn(first.receipt, 0);
  // It is moved when it would be received once more.
  expect(await receive(0)).toBeUndefined();
  const again = await receive(10);
  expect(decodeRequestMessage(again?.body ?? '')).toMatchObject({
    value: { requestId: request.requestId, resent: true },
  });

  await cloud.s3.store('state').put(attemptRecordKey(request.requestId), threeStarts, JSON_TYPE);
  await queue.retryIn(again?.receipt ?? '', 0);
  expect(await receive(0)).toBeUndefined();
  const [reply] = await cloud.sqs.queue(urls.replies).receive({ ...POLL, waitSeconds: 10 });
  expect(decodeReplyMessage(reply?.body ?? '')).toMatchObject({
    value: { result: { id: request.requestId, status: 'failed' } },
  });
  expect(await storedResult(parts, request.requestId)).toMatchObject(
    failedWith(request.requestId, 'attempts-exhausted'),
  );
  await watch.stop();
});
