import { fakeS3, fakeSqs, type Intercept } from '@labelfleet/aws/testing';
import {
  decodeRequestMessage,
  encodeReplyMessage,
  encodeStoredResult,
  resultKey,
  type RequestMessage,
  type StoredResult,
} from '@labelfleet/contracts';
import { createLogger } from '@labelfleet/runtime';
import { randomBytes } from 'node:crypto';
import { createApp } from '../app.ts';
import { FleetView } from '../fleet-view.ts';
import { ImageStore } from '../image-store.ts';
import { createMetrics } from '../metrics.ts';
import { PendingReplies } from '../pending-replies.ts';
import { ReplyListener } from '../reply-listener.ts';
import { ResultStore } from '../result-store.ts';
import { ByteBudget } from '../upload/byte-budget.ts';
import { readWebFiles } from '../web-files.ts';

export interface GatewayOptions {
  maxImageBytes?: number;
  budgetBytes?: number;
  replyTimeoutMs?: number;
  intercept?: Intercept;
}

/** A gateway on SQS and S3 in memory, its reply listener running. */
export async function fakeGateway(options: GatewayOptions = {}) {
  const { maxImageBytes = 10_000, budgetBytes = 1_000_000, replyTimeoutMs = 20_000 } = options;
  const cloud = options.intercept === undefined ? {} : { intercept: options.intercept };
  const sqs = fakeSqs(cloud);
  const s3 = fakeS3(cloud);
  for (const bucket of ['input', 'output', 'state']) s3.createBucket(bucket);
  const [input, output, state] = [s3.store('input'), s3.store('output'), s3.store('state')];
  const requestQueueUrl = sqs.createQueue('requests');
  const replyTo = sqs.createQueue('replies');
  const requests = sqs.queue(requestQueueUrl);

  const log = createLogger({ app: 'gateway', level: 'silent' });
  const pending = new PendingReplies(() => performance.now());
  const budget = new ByteBudget(budgetBytes);
  const metrics = createMetrics({
    inflightUploadBytes: () => budget.bytesInUse,
    waiters: () => pending.size,
  });
  const results = new ResultStore(output);
  const listener = new ReplyListener({
    queue: sqs.queue(replyTo),
    pending,
    metrics,
    log,
    random: () => 0,
  });
  const app = createApp({
    log,
    unixMs: Date.now,
    randomBytes,
    budget,
    images: new ImageStore(input),
    results,
    requests,
    pending,
    fleet: new FleetView(state, () => performance.now()),
    replyTo,
    metrics,
    limits: { maxImageBytes, replyTimeoutMs },
    readiness: {
      listener,
      reachable: {
        'the input bucket': () => input.check(),
        'the request queue': () => requests.depth(),
      },
    },
    web: await readWebFiles(),
  });
  const stopping = new AbortController();
  const listening = listener.run(stopping.signal);

  return {
    app,
    pending,
    budget,
    input,
    output,
    state,
    replyTo,
    /** What is on the request queue. */
    requests: (): RequestMessage[] =>
      sqs.bodies(requestQueueUrl).map((body) => {
        const decoded = decodeRequestMessage(body);
        if (decoded.kind === 'malformed') throw new Error(decoded.reason);
        return decoded.value;
      }),
    /** As a worker does: receives one request, stores its result, replies, deletes. */
    async answerNext(
      resultOf: (request: RequestMessage) => StoredResult,
    ): Promise<{ request: RequestMessage; attributes: Readonly<Record<string, string>> }> {
      const [message] = await requests.receive({
        maxMessages: 1,
        waitSeconds: 20,
        visibilityTimeoutSeconds: 30,
      });
      const request = decodeRequestMessage(message?.body ?? '');
      if (message === undefined || request.kind === 'malformed') throw new Error('no request came');
      const result = resultOf(request.value);
      await output.put(resultKey(result.id), encodeStoredResult(result), {
        contentType: 'application/json',
        onlyIf: 'absent',
      });
      await sqs.sender.send(request.value.replyTo, {
        body: encodeReplyMessage({ v: 1, result }),
      });
      await requests.ack(message.receipt);
      return { request: request.value, attributes: message.attributes };
    },
    async metric(line: string): Promise<boolean> {
      return (await metrics.registry.metrics()).split('\n').includes(line);
    },
    async [Symbol.asyncDispose]() {
      pending.stop();
      stopping.abort();
      await listening;
    },
  };
}

export type FakeGateway = Awaited<ReturnType<typeof fakeGateway>>;
