import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { describeInstances, LAUNCH_TEMPLATE, LAUNCH_TEMPLATE_VERSION } from './ec2-answers.ts';

/** SQS and S3 usually answer within 10 to 30 ms. */
const CALL_MS = 10;
const MAX_MESSAGES = 10;

export interface StandInOptions {
  /** Takes the messages of SendMessageBatch. Default: they are dropped. */
  onMessage?: (body: string) => void;
  /** How many instances EC2 lists. Default: 0. */
  instances?: number;
}

interface StoreAnswer {
  status: number;
  etag?: string;
  body: Buffer | string;
}

export interface StandIn extends AsyncDisposable {
  /** The variables with which the bundle of an app uses it. */
  readonly environment: Readonly<Record<string, string>>;
  /** How often each operation was called. */
  readonly calls: Map<string, number>;
  /** Puts a message on a queue. */
  send(queueUrl: string, body: string): void;
  /** How many messages of a queue were not received yet. */
  waiting(queueUrl: string): number;
}

/**
 * Replaces AWS where the local cloud would be the bottleneck: it answers 10 ms after a call, in the form that the SDK
 * expects, and keeps only messages and the objects of the bucket `state`.
 */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const { onMessage = () => undefined, instances = 0 } = options;
  const calls = new Map<string, number>();
  const objects = new Map<string, { body: Buffer; etag: string }>();
  const queues = new Map<string, { bodies: string[]; polls: (() => void)[] }>();
  let ids = 0;
  let origin = '';
  const urlOf = (name: string) => `${origin}/000000000000/${name}`;
  const queueAt = (url: string) => {
    const queue = queues.get(url) ?? { bodies: [], polls: [] };
    queues.set(url, queue);
    return queue;
  };

  async function receive(queueUrl: string, most: number, waitSeconds: number): Promise<string[]> {
    const queue = queueAt(queueUrl);
    if (queue.bodies.length === 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, waitSeconds * 1000);
      queue.polls.push(resolve);
      await promise;
      clearTimeout(timer);
    }
    return queue.bodies.splice(0, Math.min(most, MAX_MESSAGES));
  }

  async function sqs(operation: string, input: Record<string, never>): Promise<object> {
    const { QueueUrl = '', Entries = [] } = input as { QueueUrl?: string; Entries?: never[] };
    const done = () => ({ Successful: Entries.map(({ Id }) => ({ Id, MessageId: `${++ids}` })) });
    switch (operation) {
      case 'ReceiveMessage': {
        const { MaxNumberOfMessages = 1, WaitTimeSeconds = 0 } = input;
        const bodies = await receive(QueueUrl, MaxNumberOfMessages, WaitTimeSeconds);
        const Attributes = { ApproximateReceiveCount: '1', SentTimestamp: `${Date.now()}` };
        const id = () => `${++ids}`;
        return {
          Messages: bodies.map((Body) => ({
            MessageId: id(),
            ReceiptHandle: id(),
            Body,
            Attributes,
          })),
        };
      }
      case 'SendMessageBatch':
        for (const { MessageBody } of Entries) onMessage(MessageBody);
        return done();
      case 'DeleteMessageBatch':
        return done();
      case 'CreateQueue':
        return { QueueUrl: urlOf(input['QueueName'] ?? '') };
      case 'GetQueueAttributes':
        return {
          Attributes: {
            ApproximateNumberOfMessages: '0',
            ApproximateNumberOfMessagesNotVisible: `${2 * instances}`,
            ApproximateNumberOfMessagesDelayed: '0',
          },
        };
      default:
        return {};
    }
  }

  /** Keeps what apps read back. Conditions decide who writes the lease. */
  function s3({ method, url = '', headers }: IncomingMessage, body: Buffer): StoreAnswer {
    const key = new URL(url, origin).pathname;
    const known = objects.get(key);
    const missing = { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' };
    if (method !== 'PUT')
      return known === undefined ? missing : { status: 200, etag: known.etag, body: known.body };
    const { 'if-match': match, 'if-none-match': none } = headers;
    const isRefused = match !== undefined ? match !== known?.etag : none && known !== undefined;
    if (isRefused) return { status: 412, body: '<Error><Code>PreconditionFailed</Code></Error>' };
    const etag = `"${++ids}"`;
    if (key.startsWith('/state/')) objects.set(key, { body, etag });
    return { status: 200, etag, body: '' };
  }

  const ec2 = (parameters: URLSearchParams): string => {
    const action = parameters.get('Action');
    if (action === 'DescribeInstances') return describeInstances(instances, parameters);
    return action === 'DescribeLaunchTemplates' ? LAUNCH_TEMPLATE : LAUNCH_TEMPLATE_VERSION;
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const target = request.headers['x-amz-target'];
    const count = (operation: string) => void calls.set(operation, (calls.get(operation) ?? 0) + 1);
    if (typeof target === 'string') {
      const operation = target.slice(target.indexOf('.') + 1);
      count(`sqs ${operation}`);
      const output = await sqs(operation, JSON.parse(body.toString()) as Record<string, never>);
      await delay(CALL_MS);
      response.setHeader('content-type', 'application/x-amz-json-1.0').end(JSON.stringify(output));
    } else if (request.method === 'POST') {
      const parameters = new URLSearchParams(body.toString());
      count(`ec2 ${parameters.get('Action')}`);
      await delay(CALL_MS);
      response.setHeader('content-type', 'text/xml').end(ec2(parameters));
    } else {
      count(`s3 ${request.method}`);
      const { status, etag, body: output } = s3(request, body);
      await delay(CALL_MS);
      response.writeHead(status, etag === undefined ? {} : { etag }).end(output);
    }
  }

  const server = createServer((request, response) => {
    // A caller may end a call before its answer.
    answer(request, response).catch(() => response.destroy());
  });
  // Like AWS, it keeps an idle connection for longer than the SDK.
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    environment: {
      AWS_ENDPOINT_URL: origin,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'stand-in',
      AWS_SECRET_ACCESS_KEY: 'stand-in',
      AWS_EC2_METADATA_DISABLED: 'true',
      REQUEST_QUEUE_URL: urlOf('requests'),
      DEAD_LETTER_QUEUE_URL: urlOf('dead-letters'),
      FLEET_EVENT_QUEUE_URL: urlOf('fleet-events'),
      INPUT_BUCKET: 'input',
      OUTPUT_BUCKET: 'output',
      STATE_BUCKET: 'state',
      PORT: '0',
      LOG_LEVEL: 'info',
    },
    calls,
    send(queueUrl, body) {
      const queue = queueAt(queueUrl);
      queue.bodies.push(body);
      queue.polls.shift()?.();
    },
    waiting: (queueUrl) => queueAt(queueUrl).bodies.length,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
