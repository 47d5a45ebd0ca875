import { AwsCallError } from '@labelfleet/aws/errors';
import { fakeS3, fakeSqs } from '@labelfleet/aws/testing';
import {
  decodeRequestMessage,
  encodeStoredResult,
  resultKey,
  type RequestMessage,
} from '@labelfleet/contracts';
import { createLogger } from '@labelfleet/runtime';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { acceptRequest, type AcceptDeps } from './accept-request.ts';
import { IdempotencyRecords } from './idempotency/idempotency-records.ts';
import { CLAIM_MS } from './idempotency/judge-record.ts';
import { KeyedSends } from './idempotency/keyed-sends.ts';
import { ImageStore } from './image-store.ts';
import { createMetrics } from '../metrics.ts';
import { PendingReplies } from '../replies/pending-replies.ts';
import { fixedReplyQueue } from '../replies/reply-queue.ts';
import { ResultStore } from '../replies/result-store.ts';
import { NO_FLEET, someRequestId, succeeded } from '../testing/results.ts';
import { JPEG } from '../testing/uploads.ts';

const log = createLogger({ app: 'gateway', level: 'silent' });
const KEY = { caller: '', key: 'a-key' };

const STEPS = ['claim the key', 'store the image', 'send'] as const;
/** `killed`: the call never returns. `failed`: the call throws. `asleep`: the call returns when the gateway is woken. */
type Fault = {
  step: (typeof STEPS)[number];
  when: 'before' | 'after';
  how: 'killed' | 'failed' | 'asleep';
};

function openCloud(requestQueue = 'requests') {
  const [s3, sqs] = [fakeS3(), fakeSqs()];
  for (const bucket of ['input', 'output', 'state']) s3.createBucket(bucket);
  const requestsUrl = sqs.createQueue(requestQueue);
  const requests = sqs.queue(requestsUrl);
  // The clock of all gateways; it advances while one of them waits.
  const clock = { ms: Date.UTC(2026, 0, 1) };
  const messages: RequestMessage[] = [];
  const classified: string[] = [];
  return {
    s3,
    sqs,
    requests,
    clock,
    /** Every received message. */
    messages,
    /** The request id of every classification. */
    classified,
    /** Handles all messages as a worker does; for a resent one it first reads whether the request has a result (P4). */
    async work() {
      for (;;) {
        const [received] = await requests.receive({
          maxMessages: 1,
          waitSeconds: 0,
          visibilityTimeoutSeconds: 30,
        });
        if (received === undefined) return;
        const decoded = decodeRequestMessage(received.body);
        if (decoded.kind === 'malformed') throw new Error(decoded.reason);
        const request = decoded.value;
        messages.push(request);
        const key = resultKey(request.requestId);
        if (request.resent !== true || (await s3.store('output').get(key)) === null) {
          expect(await s3.store('input').get(request.imageKey)).not.toBeNull();
          classified.push(request.requestId);
          const label = `classified ${classified.length}`;
          const result = succeeded({ id: request.requestId, label });
          await s3.store('output').put(key, encodeStoredResult(result), {
            contentType: 'application/json',
            onlyIf: 'absent',
          });
        }
        await requests.ack(received.receipt);
      }
    },
  };
}

type Cloud = ReturnType<typeof openCloud>;

let gateways = 0;

/** Opens a gateway; `fault` breaks one of its calls. */
function openGateway({ s3, sqs, requests, clock }: Cloud, fault?: Fault) {
  const { promise: awake, resolve: wake } = Promise.withResolvers<void>();
  let left = fault;
  let stopped = false;
  const applyFault = async () => {
    const how = left?.how;
    left = undefined;
    stopped = true;
    if (how === 'killed') await new Promise(() => {});
    if (how === 'asleep') await awake;
    if (how === 'failed') throw new AwsCallError('Call', { code: 'ECONNRESET', message: 'lost' });
  };
  const at =
    <A extends unknown[], R>(step: Fault['step'], call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const faultAt = left?.step === step ? left.when : 'never';
      if (faultAt === 'before') await applyFault();
      const result = await call(...args);
      if (faultAt === 'after') await applyFault();
      return result;
    };
  const state = s3.store('state');
  const images = new ImageStore(s3.store('input'));
  const pending = new PendingReplies(() => 0);
  const deps: AcceptDeps = {
    idempotency: new IdempotencyRecords({
      get: (key) => state.get(key),
      put: at('claim the key', (...put) => state.put(...put)),
    }),
    results: new ResultStore(s3.store('output')),
    images: { put: at('store the image', (...put) => images.put(...put)) },
    requests: { url: requests.url, send: at('send', (message) => requests.send(message)) },
    pending,
    replyQueue: fixedReplyQueue(sqs.createQueue(`replies-${someRequestId()}`)),
    unixMs: () => clock.ms,
    monotonicMs: () => clock.ms,
    sleep: async (ms, signal) => {
      clock.ms += ms;
      await setImmediate(undefined, { signal });
    },
    gateway: `gateway-${(gateways += 1)}`,
    keyedSends: new KeyedSends(),
    health: { suspect: () => {} },
    tracing: undefined,
    metrics: createMetrics({
      fleet: NO_FLEET,
      inflightUploadBytes: () => 0,
      maxUploadBytes: 1,
      waiters: () => pending.size,
    }),
  };
  return {
    pending,
    wake,
    /** True after the call with the fault was reached. */
    get isStuck() {
      return stopped;
    },
    /** Sends a POST with the key. @returns its outcome and the request id of the response */
    async post(image: Uint8Array = JPEG, topK = 5, deadline?: Date) {
      const requestId = someRequestId();
      const options = {
        fileName: 'a.jpg',
        topK,
        ...(deadline !== undefined && { deadlineAt: deadline.toISOString() }),
      };
      const accepted = await acceptRequest(
        deps,
        { requestId, image: { bytes: image, mediaType: 'image/jpeg' }, options, traceparent: 't' },
        KEY,
        { log, logFor: () => log, signal: new AbortController().signal },
      );
      return { ...accepted.outcome, requestId: accepted.requestId };
    },
  };
}

/** Repeats a POST until it gets the result, as a client does. */
async function labelOf(cloud: Cloud) {
  for (let tries = 1; tries <= 3; tries++) {
    const answer = await openGateway(cloud).post();
    if (answer.kind === 'completed' && answer.result.status === 'succeeded')
      return { requestId: answer.requestId, label: answer.result.label };
    expect(answer.kind).toBe('accepted');
    await cloud.work();
  }
  throw new Error('no result');
}

/** The invariant under every fault. */
function expectOneRequest({ messages, classified }: Cloud, requestId: string) {
  expect(new Set(messages.map((message) => message.requestId))).toEqual(new Set([requestId]));
  // The first receive of an unmarked message is not recorded, so at most one may exist.
  expect(messages.filter(({ resent }) => resent !== true).length).toBeLessThanOrEqual(1);
  expect(new Set(classified)).toEqual(new Set([requestId]));
  expect(classified.length).toBeLessThanOrEqual(2);
}

const queues = ['requests', 'requests.fifo'];
const faults = STEPS.flatMap((step) =>
  (['before', 'after'] as const).map((when) => ({ step, when })),
);
const cases = queues.flatMap((queue) => faults.map((fault) => ({ queue, ...fault })));

describe.each(cases)('on $queue, with a fault $when the step "$step"', ({ queue, ...fault }) => {
  test('every replay at any gateway gets the same result after a gateway is killed', async () => {
    const cloud = openCloud(queue);
    void openGateway(cloud, { ...fault, how: 'killed' }).post();
    const first = await labelOf(cloud);
    expect(await labelOf(cloud)).toEqual(first);
    expectOneRequest(cloud, first.requestId);
  });

  test('a gateway whose call failed accepts or refuses, and the replay gets a result', async () => {
    const cloud = openCloud(queue);
    const gateway = openGateway(cloud, { ...fault, how: 'failed' });
    const failed = await gateway.post();
    expect(failed.kind).toBe(fault.step === 'claim the key' ? 'accepted' : 'refused');
    expect(gateway.pending.size).toBe(failed.kind === 'accepted' ? 1 : 0);
    await cloud.work();
    const first = await labelOf(cloud);
    expect(first.requestId).toBe(failed.requestId);
    expectOneRequest(cloud, first.requestId);
  });

  test('a gateway that sleeps until all others are done returns the same request', async () => {
    const cloud = openCloud(queue);
    const sleeper = openGateway(cloud, { ...fault, how: 'asleep' });
    const slept = sleeper.post();
    const first = await labelOf(cloud);
    sleeper.wake();
    expect((await slept).requestId).toBe(first.requestId);
    await cloud.work();
    expect(await labelOf(cloud)).toEqual(first);
    expectOneRequest(cloud, first.requestId);
  });

  test('many concurrent replays at two gateways make one request', async () => {
    const cloud = openCloud(queue);
    const gateways = [openGateway(cloud, { ...fault, how: 'failed' }), openGateway(cloud)];
    const answers = await Promise.all(
      [...gateways, ...gateways, ...gateways].map((gateway) => gateway.post()),
    );
    await cloud.work();
    const { requestId } = await labelOf(cloud);
    expect(new Set(answers.map((answer) => answer.requestId))).toEqual(new Set([requestId]));
    expectOneRequest(cloud, requestId);
    expect(cloud.messages.length).toBeLessThanOrEqual(2);
  });

  test('of many repeats at two other gateways one takes over from a killed gateway', async () => {
    const cloud = openCloud(queue);
    void openGateway(cloud, { ...fault, how: 'killed' }).post();
    const others = [openGateway(cloud), openGateway(cloud)];
    const answers = await Promise.all(
      [...others, ...others, ...others].map((gateway) => gateway.post()),
    );
    await cloud.work();
    for (const { kind } of answers) expect(kind).toBe('accepted');
    const sentByKilled = fault.step === 'send' && fault.when === 'after' ? 1 : 0;
    expect(cloud.messages).toHaveLength(sentByKilled + 1);
  });

  test('each repeat takes over 15 s after the gateway before it was killed, and the last one gets a result', async () => {
    const cloud = openCloud(queue);
    let claims = 0;
    for (let kills = 1; kills <= 5; kills++) {
      const { clock } = cloud;
      const beganAt = clock.ms;
      const killed = openGateway(cloud, { ...fault, how: 'killed' });
      void killed.post();
      await expect.poll(() => killed.isStuck).toBe(true);
      // The first has no claim to wait for, and a gateway killed before its claim leaves none.
      expect(clock.ms - beganAt).toBeLessThanOrEqual(claims === 0 ? 0 : CLAIM_MS);
      if (!(fault.step === 'claim the key' && fault.when === 'before')) claims += 1;
    }
    const beganAt = cloud.clock.ms;
    const first = await labelOf(cloud);
    expect(cloud.clock.ms - beganAt).toBeLessThanOrEqual(CLAIM_MS);
    expectOneRequest(cloud, first.requestId);
  });
});

test.each([1, 2, 3])('many concurrent requests at %d gateways make one message', async (count) => {
  const cloud = openCloud();
  const gateways = Array.from({ length: count }, () => openGateway(cloud));
  const answers = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => gateways[index % count]?.post()),
  );
  expect(answers.filter((answer) => answer?.kind === 'accepted' && !answer.repeats)).toHaveLength(
    1,
  );
  await cloud.work();
  expect(cloud.messages).toHaveLength(1);
});

test('a repeat sends nothing after the message was sent, even 23 hours later', async () => {
  const cloud = openCloud();
  await openGateway(cloud).post();
  cloud.clock.ms += 23 * 3_600_000;
  expect(await openGateway(cloud).post()).toMatchObject({ kind: 'accepted', repeats: true });
  await cloud.work();
  expect(cloud.messages).toHaveLength(1);
});

test('a sender that was delayed while storing does not send after another took over', async () => {
  const cloud = openCloud();
  const sleeper = openGateway(cloud, { step: 'store the image', when: 'after', how: 'asleep' });
  const slept = sleeper.post();
  await expect.poll(() => sleeper.isStuck).toBe(true);
  cloud.clock.ms += CLAIM_MS;
  await openGateway(cloud).post();
  sleeper.wake();
  expect(await slept).toMatchObject({ kind: 'refused', code: 'overloaded' });
  await cloud.work();
  expect(cloud.messages).toHaveLength(1);
});

test('a replay is sent with the parameters of the first request', async () => {
  const cloud = openCloud();
  const first = openGateway(cloud, { step: 'send', when: 'after', how: 'killed' });
  const deadline = new Date(Date.now() + 60_000);
  void first.post(JPEG, 3, deadline);
  await expect.poll(() => first.isStuck).toBe(true);
  const replay = await openGateway(cloud).post(JPEG, 7, new Date(Date.now() + 5_000));
  expect(replay).toMatchObject({
    kind: 'accepted',
    options: { deadlineAt: deadline.toISOString() },
  });
  await cloud.work();
  expect(cloud.messages).toMatchObject([{ topK: 3 }, { topK: 3, resent: true }]);
  const [sent, again] = cloud.messages;
  expect({ ...again, resent: undefined, replyTo: sent?.replyTo }).toEqual(sent);
});

test('another image with the same key is refused, and the response reveals nothing of the first request', async () => {
  const cloud = openCloud();
  const { requestId } = await openGateway(cloud).post();
  const refused = await openGateway(cloud).post(Buffer.concat([JPEG, Buffer.from('x')]));
  expect(refused).toMatchObject({ kind: 'refused', code: 'idempotency-key-reused' });
  expect(refused.requestId).not.toBe(requestId);
  expect(JSON.stringify({ ...refused, requestId: '' })).not.toContain(requestId);
});
