import { AwsCallError } from '@labelfleet/aws/errors';
import type { Queue, SqsConnection } from '@labelfleet/aws/queue';
import type { S3Connection } from '@labelfleet/aws/store';
import { fakeS3, fakeSqs, startTestCloud } from '@labelfleet/aws/testing';
import {
  attemptRecordKey,
  decodeReplyMessage,
  decodeRequestMessage,
  decodeStoredResult,
  decodeWebhookMessage,
  encodeAttemptRecord,
  encodeImageMetadata,
  encodeRequestMessage,
  encodeStoredResult,
  failedResult,
  imageKey,
  makeRequestId,
  resultKey,
  type ImageRequest,
  type RequestMessage,
} from '@labelfleet/contracts';
import { createLogger } from '@labelfleet/runtime';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Metrics } from '../metrics.ts';
import { SWEEP_TIMES } from './plan-sweep.ts';
import { RequestRecords } from '../dead-letters/request-records.ts';
import { sweepRequests } from './request-sweep.ts';
import { TestClock } from '../testing/test-clock.ts';

const START = Date.UTC(2026, 0, 20);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const POLL = { maxMessages: 10, waitSeconds: 0, visibilityTimeoutSeconds: 30 };
const JSON_TYPE = { contentType: 'application/json' };

interface Cloud {
  sqs: SqsConnection;
  s3: S3Connection;
  requests: string;
  replies: string;
  webhooks: string;
}

/** Buckets and queues of a fleet, and a clock that only the sweep's waits move. */
function bench({ sqs, s3, requests, replies, webhooks }: Cloud) {
  const clock = new TestClock(START);
  const queue = sqs.queue(requests);
  const [input, output, state] = ['input', 'output', 'state'].map((name) => s3.store(name));
  if (!input || !output || !state) throw new Error('there are three');
  const metrics = new Metrics();
  const received: RequestMessage[] = [];
  return {
    clock,
    queue,
    input,
    output,
    state,
    metrics,
    /** What workers have received so far. */
    received,
    /** An image as a gateway stores it. @returns its message */
    async image(ageMs: number, order: Partial<ImageRequest> = {}): Promise<RequestMessage> {
      const requestId = makeRequestId(clock.unixMs() - ageMs, randomBytes(10));
      const kept = { topK: 3, replyTo: replies, fileName: 'Köln.jpg', ...order };
      const key = imageKey(requestId, kept.fileName ?? '');
      const metadata = encodeImageMetadata({ ...kept, traceparent: 'of it' });
      await input.put(key, 'a picture', { contentType: 'image/jpeg', metadata });
      const submittedAt = new Date(clock.unixMs() - ageMs).toISOString();
      return { v: 1, requestId, imageKey: key, ...kept, submittedAt };
    },
    send: (request: RequestMessage) =>
      queue.send({
        body: encodeRequestMessage(request),
        groupId: request.requestId,
        deduplicationId: request.requestId,
      }),
    async complete(request: RequestMessage): Promise<void> {
      const problem = { code: 'invalid-image', detail: 'by a worker' } as const;
      const result = failedResult(request, problem, { now: clock.unixMs(), attempts: 1 });
      await output.put(resultKey(request.requestId), encodeStoredResult(result), {
        ...JSON_TYPE,
        onlyIf: 'absent',
      });
    },
    async result({ requestId }: RequestMessage) {
      const object = await output.get(resultKey(requestId));
      if (object === null) return undefined;
      const decoded = decodeStoredResult(new TextDecoder().decode(object.body));
      return decoded.kind === 'decoded' && decoded.value.status === 'failed'
        ? decoded.value.problem
        : undefined;
    },
    /** As workers do with all there is. */
    async work(): Promise<void> {
      for (;;) {
        const messages = await queue.receive(POLL);
        if (messages.length === 0) return;
        for (const { body, receipt } of messages) {
          const decoded = decodeRequestMessage(body);
          if (decoded.kind === 'malformed') throw new Error(decoded.reason);
          received.push(decoded.value);
          await this.complete(decoded.value);
          await queue.ack(receipt);
        }
      }
    },
    /**
     * One scaler's sweep, for so long by the clock.
     * @param between what happens between its steps
     * @param requestQueue in the place of the queue
     */
    async sweep(
      forMs: number,
      between: () => Promise<unknown> = async () => undefined,
      requestQueue: Pick<Queue, 'depth' | 'send'> = queue,
    ): Promise<void> {
      const stopping = new AbortController();
      const endsAtMs = clock.unixMs() + forMs;
      await sweepRequests(
        {
          ...{ input, output, state, metrics, requests: requestQueue, replies: sqs.sender },
          webhooks: sqs.queue(webhooks),
          records: new RequestRecords({ input, output, state }),
          times: SWEEP_TIMES,
          leads: () => true,
          log: createLogger({ app: 'scaler', level: 'silent' }),
          clock: {
            unixMs: clock.unixMs,
            async sleep(ms) {
              await between();
              await clock.sleep(ms);
              if (clock.unixMs() >= endsAtMs) stopping.abort(new Error('enough'));
            },
          },
        },
        stopping.signal,
      );
    },
    swept: async (outcome: string) => {
      const { values } = (await metrics.registry
        .getSingleMetric('labelfleet_requests_swept_total')
        ?.get()) ?? { values: [] };
      return values.find(({ labels }) => labels['outcome'] === outcome)?.value ?? 0;
    },
  };
}

function fakeCloud(beforeCall: (operation: string, key: string) => void = () => undefined) {
  const calls: string[] = [];
  const sqs = fakeSqs({ beforeCall });
  const s3 = fakeS3({
    beforeCall(operation, key) {
      calls.push(operation);
      beforeCall(operation, key);
    },
  });
  for (const bucket of ['input', 'output', 'state']) s3.createBucket(bucket);
  const requests = sqs.createQueue('requests');
  const replies = sqs.createQueue('replies');
  const webhooks = sqs.createQueue('webhooks');
  const fleet = bench({ sqs, s3, requests, replies, webhooks });
  return { ...fleet, sqs, requests, replies, webhooks, calls };
}

describe.each(['requests', 'requests.fifo'])('on local-cloud, the queue %s purged', (name) => {
  it('sends every waiting image again, marked and otherwise unchanged, and completes it once', async () => {
    await using cloud = await startTestCloud();
    for (const bucket of ['input', 'output', 'state']) await cloud.createBucket(bucket);
    const requests = await cloud.createQueue(name);
    const replies = await cloud.createQueue('replies');
    const webhooks = await cloud.createQueue('webhooks');
    const fleet = bench({ sqs: cloud.sqs, s3: cloud.s3, requests, replies, webhooks });
    const images = await Promise.all(
      Array.from({ length: 40 }, (_, index) => fleet.image(index * 100)),
    );
    // One was answered before, and is swept no more than those who wait.
    const [answered, ...waiting] = images;
    if (answered === undefined) throw new Error('there are 40');
    await fleet.complete(answered);
    for (const image of waiting) await fleet.send(image);

    await fleet.sweep(10 * MINUTE);
    expect(await fleet.queue.depth()).toMatchObject({ visible: 39 });

    await cloud.purgeQueue(requests);
    await fleet.sweep(5 * MINUTE);
    await fleet.work();
    const inOrder = (list: RequestMessage[]) =>
      list.toSorted((a, b) => (a.requestId < b.requestId ? -1 : 1));
    expect(inOrder(fleet.received)).toEqual(
      inOrder(waiting.map((image) => ({ ...image, resent: true }))),
    );
    await fleet.sweep(10 * MINUTE, () => fleet.work());
    expect(fleet.received).toHaveLength(39);
    for (const image of images) expect(await fleet.result(image)).toBeDefined();
  });
});

describe('a request without result and message', () => {
  it('is not touched while it is younger than 5 min, or the queue has not been empty for a minute', async () => {
    const fleet = fakeCloud();
    await fleet.image(0);
    await fleet.sweep(4.9 * MINUTE);
    expect(fleet.sqs.bodies(fleet.requests)).toEqual([]);
    // Checks find the queue empty for half a minute at most.
    let checks = 0;
    const flickering = {
      send: (...call: Parameters<Queue['send']>) => fleet.queue.send(...call),
      depth: async () => ({ visible: 0, inFlight: 0, delayed: checks++ % 4 === 0 ? 1 : 0 }),
    };
    await fleet.sweep(HOUR, undefined, flickering);
    expect(fleet.sqs.bodies(fleet.requests)).toEqual([]);
    await fleet.sweep(4 * MINUTE);
    expect(fleet.sqs.bodies(fleet.requests)).toHaveLength(1);
  });

  it('is sent again if that message is gone too', async () => {
    const fleet = fakeCloud();
    const image = await fleet.image(HOUR);
    for (let purges = 0; purges < 3; purges += 1) {
      await fleet.sweep(4 * MINUTE);
      const [message] = await fleet.queue.receive(POLL);
      expect(decodeRequestMessage(message?.body ?? '')).toMatchObject({
        value: { requestId: image.requestId, resent: true },
      });
      await fleet.queue.ack(message?.receipt ?? '');
    }
  });

  it.each<[string, Partial<ImageRequest>, string]>([
    [
      'deadline-exceeded where its deadline has passed',
      { deadlineAt: new Date(START - MINUTE).toISOString() },
      'deadline-exceeded',
    ],
    ['attempts-exhausted where its attempts are exhausted', {}, 'attempts-exhausted'],
  ])('is completed with %s, and the waiting gateway gets a reply', async (_, order, code) => {
    const fleet = fakeCloud();
    const image = await fleet.image(HOUR, order);
    if (code === 'attempts-exhausted') await useUp(fleet, image);
    await fleet.sweep(4 * MINUTE);
    expect(fleet.sqs.bodies(fleet.requests)).toEqual([]);
    const problem = { type: `urn:labelfleet:problem:${code}` };
    expect(await fleet.result(image)).toMatchObject(problem);
    expect(fleet.sqs.bodies(fleet.replies).map(decodeReplyMessage)).toMatchObject([
      { value: { result: { id: image.requestId, problem } } },
    ]);
  });

  it('is not completed before its webhook message is sent', async () => {
    let denied = true;
    const fleet = fakeCloud((operation, queue) => {
      if (denied && operation === 'SendMessageBatch' && queue.endsWith('/webhooks'))
        throw new AwsCallError(operation, { code: 'AccessDenied', message: 'no' });
    });
    const image = await fleet.image(HOUR, { notify: 'archive' });
    await useUp(fleet, image);
    await fleet.sweep(4 * MINUTE);
    expect(await fleet.result(image)).toBeUndefined();
    denied = false;
    await fleet.sweep(4 * MINUTE);
    expect(await fleet.result(image)).toBeDefined();
    expect(fleet.sqs.bodies(fleet.webhooks).map(decodeWebhookMessage)).toMatchObject([
      { value: { id: image.requestId, receiver: 'archive' } },
    ]);
    // Delayed, so that the result is stored when a gateway receives it.
    expect(await fleet.sqs.queue(fleet.webhooks).receive(POLL)).toEqual([]);
  });

  it('is completed after 13 days, whatever the depth of the queue', async () => {
    const fleet = fakeCloud();
    const image = await fleet.image(13.1 * 24 * HOUR);
    await fleet.queue.send({ body: 'another' });
    await fleet.sweep(MINUTE);
    expect(await fleet.result(image)).toMatchObject({
      type: 'urn:labelfleet:problem:deadline-exceeded',
    });
  });

  it('is ignored after 14 days, because its result may have expired', async () => {
    const fleet = fakeCloud();
    const image = await fleet.image(14.1 * 24 * HOUR);
    await fleet.sweep(10 * MINUTE);
    expect(await fleet.result(image)).toBeUndefined();
    expect(fleet.sqs.bodies(fleet.requests)).toEqual([]);
  });

  it('is sent again, at most once an hour, if the queue is never empty and younger requests are completed', async () => {
    const fleet = fakeCloud();
    await fleet.image(2 * HOUR);
    const busy = {
      send: (...call: Parameters<Queue['send']>) => fleet.queue.send(...call),
      depth: async () => ({ visible: 500, inFlight: 0, delayed: 0 }),
    };
    const sent = () => fleet.sqs.bodies(fleet.requests).length;
    // A long backlog: no request of the last half hour is completed.
    const younger = await Promise.all(Array.from({ length: 20 }, () => fleet.image(0)));
    await fleet.sweep(25 * MINUTE, undefined, busy);
    expect(sent()).toBe(0);
    for (const image of younger) await fleet.complete(image);
    const arrive = async () => fleet.complete(await fleet.image(0));
    await fleet.sweep(50 * MINUTE, arrive, busy);
    expect(sent()).toBe(1);
    await fleet.sweep(HOUR, arrive, busy);
    expect(sent()).toBe(2);
  });

  it('with an unreadable record does not stop others from being sent', async () => {
    const fleet = fakeCloud();
    const broken = await fleet.image(HOUR);
    await fleet.state.put(attemptRecordKey(broken.requestId), 'no record', JSON_TYPE);
    await fleet.image(HOUR);
    await fleet.sweep(4 * MINUTE);
    expect(fleet.sqs.bodies(fleet.requests)).toHaveLength(1);
    expect(await fleet.swept('failed')).toBeGreaterThan(0);
  });
});

it('completes the sweep although every scaler is killed, with few messages sent twice', async () => {
  const fleet = fakeCloud();
  const images = await Promise.all(Array.from({ length: 350 }, () => fleet.image(HOUR)));
  // Each lives for four checks at most; the next one repeats the page.
  for (let scalers = 0; scalers < 60; scalers += 1) {
    let sends = 0;
    await fleet.sweep(40_000, undefined, {
      depth: () => fleet.queue.depth(),
      async send(message) {
        if (scalers % 3 === 0 && ++sends > 50)
          throw new AwsCallError('SendMessage', { code: 'TimeoutError', message: 'killed' });
        return fleet.queue.send(message);
      },
    });
    await fleet.work();
  }
  for (const image of images) expect(await fleet.result(image)).toBeDefined();
  expect(fleet.received.every(({ resent }) => resent === true)).toBe(true);
  expect(fleet.received.length).toBeLessThan(1.5 * images.length);
});

describe('the cost of the sweep', () => {
  const count = (calls: string[], operation: string) =>
    calls.filter((call) => call === operation).length;

  it('is one listing of both buckets for a thousand images, and none for images that were swept before', async () => {
    const fleet = fakeCloud();
    for (let index = 0; index < 2500; index += 1) await fleet.complete(await fleet.image(HOUR));
    fleet.calls.length = 0;
    await fleet.sweep(4 * MINUTE);
    expect(count(fleet.calls, 'HeadObject')).toBe(0);
    expect(count(fleet.calls, 'ListObjectsV2')).toBeLessThan(12);
    fleet.calls.length = 0;
    await fleet.sweep(HOUR);
    // One pass in 2 min, and nothing new to list results for.
    expect(count(fleet.calls, 'ListObjectsV2')).toBeLessThanOrEqual(31);
    expect(count(fleet.calls, 'PutObject')).toBeLessThanOrEqual(1);
  });

  it('stays within 100 messages a second', async () => {
    const fleet = fakeCloud();
    await Promise.all(Array.from({ length: 450 }, () => fleet.image(HOUR)));
    let before = 0;
    await fleet.sweep(4 * MINUTE, async () => {
      const now = fleet.sqs.bodies(fleet.requests).length;
      expect(now - before).toBeLessThanOrEqual(100);
      before = now;
    });
    expect(before).toBe(450);
  });
});

it('continues when a missing permission is granted', async () => {
  let denied = true;
  const fleet = fakeCloud((operation) => {
    if (denied && operation === 'ListObjectsV2')
      throw new AwsCallError(operation, { code: 'AccessDenied', message: 'no' });
  });
  await fleet.image(HOUR);
  await fleet.sweep(4 * MINUTE);
  expect(fleet.sqs.bodies(fleet.requests)).toEqual([]);
  denied = false;
  await fleet.sweep(4 * MINUTE);
  expect(fleet.sqs.bodies(fleet.requests)).toHaveLength(1);
});

function useUp({ state }: ReturnType<typeof bench>, { requestId }: RequestMessage) {
  const at = new Date(START - HOUR).toISOString();
  const attempts = ['a', 'b', 'c'].map((nonce) => ({ nonce, worker: 'i-1', at, endsAt: at }));
  return state.put(attemptRecordKey(requestId), encodeAttemptRecord({ v: 1, attempts }), JSON_TYPE);
}
