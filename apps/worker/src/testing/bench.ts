import { AwsCallError, isTransient } from '@labelfleet/aws/errors';
import type { ReceivedMessage } from '@labelfleet/aws/queue';
import { fakeS3, fakeSqs } from '@labelfleet/aws/testing';
import {
  attemptRecordKey,
  decodeAttemptRecord,
  decodeReplyMessage,
  decodeStoredResult,
  decodeWebhookMessage,
  encodeRequestMessage,
  resultKey,
  type RequestMessage,
  type RecordedAttempt,
  type StoredResult,
} from '@labelfleet/contracts';
import { fakeClassifier } from '@labelfleet/inference/testing';
import { createMetrics } from '../metrics.ts';
import { CostMeter } from '../request/cost-meter.ts';
import { Health } from '../fleet/health.ts';
import { createRequestHandler, type RequestDeps } from '../request/handle-request.ts';
import { createResultStore } from '../request/result-store.ts';
import { Load } from '../receive/load.ts';
import { Slots } from '../receive/slots.ts';
import { aRequest, PNG, silentLog } from './builders.ts';
import { FakeClock } from './fake-clock.ts';

export const unreachable = new AwsCallError('any', { code: 'ECONNREFUSED', message: 'refused' });
export const forbidden = new AwsCallError('any', { code: 'AccessDenied', message: 'no' });

/**
 * Queues and buckets in memory, a request handler that uses them, and a trace of the calls it made. `fail`
 * is called before each traced step; it may throw or wait.
 */
export async function openBench(
  overrides: Partial<RequestDeps> = {},
  fail: (step: string) => void | Promise<void> = () => undefined,
) {
  const trace: string[] = [];
  const beforeCall = async (operation: string, resource: string) => {
    const step = nameOf(operation, resource);
    trace.push(step);
    await fail(step);
  };
  const sqs = fakeSqs({ beforeCall: (...call) => (armed ? beforeCall(...call) : undefined) });
  const s3 = fakeS3({ beforeCall: (...call) => (armed ? beforeCall(...call) : undefined) });
  let armed = false;
  const queue = sqs.queue(sqs.createQueue('requests'));
  const replyTo = sqs.createQueue('replies');
  const outbox = sqs.createQueue('webhooks');
  for (const bucket of ['input', 'output', 'state']) s3.createBucket(bucket);
  const clock = new FakeClock();
  const visibility = { lapsed: false };
  let nonces = 0;
  const deps: RequestDeps = {
    worker: 'i-1',
    queue,
    replies: sqs.sender,
    webhooks: sqs.queue(outbox),
    images: s3.store('input'),
    results: createResultStore(s3.store('output')),
    state: s3.store('state'),
    newNonce: () => `nonce-${++nonces}`,
    classifier: fakeClassifier(),
    slots: new Slots(3),
    health: new Health(),
    load: new Load(2, clock),
    metrics: createMetrics({ slots: 3, openRequests: () => 0, classifierQueue: () => 0 }),
    tracing: undefined,
    receives: { linksOf: () => [] },
    requestQueue: queue,
    // One dollar per second, calls are free.
    meter: new CostMeter(clock, (usd) => ({ total: usd, instance: usd, queue: 0, store: 0 })),
    extendVisibility: () => ({
      lapsed: () => visibility.lapsed,
      stop: () => {
        trace.push('stop-extending');
        return Promise.resolve();
      },
    }),
    maxAttemptMs: 60_000,
    isTransient,
    clock,
    random: () => 1,
    log: silentLog,
    ...overrides,
  };

  /** Runs calls of the bench itself: they are not traced and do not fail. */
  async function untraced<T>(work: () => Promise<T>): Promise<T> {
    armed = false;
    try {
      return await work();
    } finally {
      armed = true;
    }
  }

  /** Stores an image and queues its request; resolves with the request. */
  const submit = (
    request: Partial<RequestMessage> = {},
    options: { image?: Uint8Array | null; attributes?: Record<string, string> } = {},
  ) =>
    untraced(async () => {
      const whole = aRequest({ replyTo, ...request });
      const { image = PNG, attributes = {} } = options;
      if (image !== null)
        await s3.store('input').put(whole.imageKey, image, { contentType: 'image/png' });
      await queue.send({ body: encodeRequestMessage(whole), attributes });
      return whole;
    });

  /** Receives the next message, after it was received and released `earlier` times. */
  const receive = (earlier = 0) =>
    untraced(async (): Promise<ReceivedMessage> => {
      const options = { maxMessages: 1, waitSeconds: 0, visibilityTimeoutSeconds: 30 };
      for (let receives = 0; receives < earlier; receives++) {
        for (const { receipt } of await queue.receive(options)) await queue.retryIn(receipt, 0);
      }
      const [message] = await queue.receive(options);
      if (message === undefined) throw new Error('no message is visible');
      return message;
    });

  const stored = (requestId: string) =>
    untraced(async (): Promise<StoredResult | null> => {
      const object = await s3.store('output').get(resultKey(requestId));
      if (object === null) return null;
      const decoded = decodeStoredResult(Buffer.from(object.body).toString());
      if (decoded.kind === 'malformed') throw new Error(decoded.reason);
      return decoded.value;
    });

  /** The attempts in the attempt record. */
  const attempts = (requestId: string) =>
    untraced(async (): Promise<RecordedAttempt[]> => {
      const object = await s3.store('state').get(attemptRecordKey(requestId));
      if (object === null) return [];
      const decoded = decodeAttemptRecord(Buffer.from(object.body).toString());
      if (decoded.kind === 'malformed') throw new Error(decoded.reason);
      return decoded.value.attempts;
    });

  const replies = (): StoredResult[] =>
    sqs.bodies(replyTo).map((body) => {
      const decoded = decodeReplyMessage(body);
      if (decoded.kind === 'malformed') throw new Error(decoded.reason);
      return decoded.value.result;
    });

  const webhooks = () => sqs.bodies(outbox).map(decodeWebhookMessage);

  return {
    ...{
      deps,
      handle: createRequestHandler(deps),
      trace,
      clock,
      visibility,
      sqs,
      s3,
      queue,
      replyTo,
    },
    ...{ submit, receive, stored, attempts, replies, webhooks, untraced },
    waiting: () => sqs.bodies(queue.url).length,
  };
}

export type Bench = Awaited<ReturnType<typeof openBench>>;

const isRecord = (key: string) => key.startsWith('attempts/');
const isResult = (key: string) => key.endsWith('.json');

function nameOf(operation: string, resource: string): string {
  switch (operation) {
    case 'GetObject':
      return isRecord(resource) ? 'read-attempts' : isResult(resource) ? 'find-result' : 'fetch';
    case 'PutObject':
      return isRecord(resource) ? 'record-attempt' : 'store';
    case 'SendMessageBatch':
      return resource.endsWith('/webhooks') ? 'notify' : 'reply';
    case 'DeleteMessageBatch':
      return 'delete';
    case 'ChangeMessageVisibilityBatch':
      return 'release';
    default:
      return operation;
  }
}
