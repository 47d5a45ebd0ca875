import { queueContract } from '../testing/queue-contract.ts';
import { startStubService } from '../testing/stub-service.ts';
import { startTestCloud } from '../testing/start-test-cloud.ts';
import { AwsCallError, isTransient } from '../errors.ts';
import { connectSqs } from './connect-sqs.ts';
import { describe, expect, test } from 'vitest';

describe.each([
  ['with direct calls', false],
  ['by the SDK only', true],
])('SqsQueue %s', (_, sdkOnly) =>
  queueContract(async () => {
    const cloud = await startTestCloud();
    const sqs = connectSqs({ ...cloud.connection, sdkOnly });
    return {
      sqs,
      createQueue: (name) => cloud.createQueue(name),
      async [Symbol.asyncDispose]() {
        sqs.close();
        await cloud[Symbol.asyncDispose]();
      },
    };
  }),
);

const QUEUE_URL = 'https://sqs.us-east-1.amazonaws.com/000000000000/requests';

interface Batch {
  Entries: { Id: string; ReceiptHandle: string; VisibilityTimeout?: number }[];
}

/** An SQS that accepts every entry of every batch. */
const acceptAll = ({ body }: { body: string }) => {
  const { Entries } = JSON.parse(body) as Batch;
  return { body: JSON.stringify({ Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] }) };
};

const entriesOf = ({ body }: { body: string }) => (JSON.parse(body) as Batch).Entries;

const unavailable = () => ({
  status: 503,
  body: JSON.stringify({ __type: 'com.amazonaws.sqs#ServiceUnavailable', message: 'later' }),
});

test('sends concurrent calls in batches of ten', async () => {
  await using service = await startStubService(acceptAll);
  const queue = connectSqs(service.connection).queue(QUEUE_URL);
  const receipts = Array.from({ length: 23 }, (_, index) => `receipt-${index}`);
  await Promise.all(receipts.map((receipt) => queue.ack(receipt)));
  expect(service.calls.map(({ operation }) => operation)).toEqual(
    Array(3).fill('DeleteMessageBatch'),
  );
  const batches = service.calls.map((call) => entriesOf(call).map((entry) => entry.ReceiptHandle));
  expect(batches.map(({ length }) => length)).toEqual([10, 10, 3]);
  expect(batches.flat()).toEqual(receipts);
});

test('sends a retryIn in a later batch than an earlier extend of the same receipt', async () => {
  await using service = await startStubService(acceptAll);
  const queue = connectSqs(service.connection).queue(QUEUE_URL);
  await Promise.all([
    queue.extend('a', 30),
    queue.retryIn('a', 5),
    queue.extend('b', 30),
    queue.retryIn('b', 7),
  ]);
  const changes = service.calls.map((call) =>
    entriesOf(call).map((entry) => `${entry.ReceiptHandle} ${entry.VisibilityTimeout}`),
  );
  expect(changes).toEqual([
    ['a 30', 'b 30'],
    ['a 5', 'b 7'],
  ]);
});

test('tries a send once and an ack three times', async () => {
  await using service = await startStubService(unavailable);
  const queue = connectSqs(service.connection).queue(QUEUE_URL);
  const count = (operation: string) =>
    service.calls.filter((call) => call.operation === operation).length;

  const error = await queue.send({ body: 'a' }).catch((error: unknown) => error);
  expect(isTransient(error)).toBe(true);
  expect(count('SendMessageBatch')).toBe(1);
  await expect(queue.ack('a')).rejects.toThrow(AwsCallError);
  expect(count('DeleteMessageBatch')).toBe(3);
});

test('lists all pages of queues', async () => {
  await using service = await startStubService(({ body }) => {
    const { NextToken } = JSON.parse(body) as { NextToken?: string };
    const [first, second] = [{ QueueUrls: ['a', 'b'], NextToken: '2' }, { QueueUrls: ['c'] }];
    return { body: JSON.stringify(NextToken === undefined ? first : second) };
  });
  expect(await connectSqs(service.connection).admin.list('replies-')).toEqual(['a', 'b', 'c']);
  expect(service.calls.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
    { QueueNamePrefix: 'replies-', MaxResults: 1000 },
    { QueueNamePrefix: 'replies-', MaxResults: 1000, NextToken: '2' },
  ]);
});

test('never calls the host of a queue URL', async () => {
  await using service = await startStubService(() => ({
    status: 400,
    body: JSON.stringify({ __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'gone' }),
  }));
  const { sender } = connectSqs(service.connection);
  expect(await sender.send('http://evil.example/000000000000/replies', { body: 'a' })).toBe(
    'queue-gone',
  );
  expect(service.calls.map(({ host }) => host)).toEqual([new URL(service.endpoint).host]);
});

test('does not delay other calls when there are more long polls than the SDK has sockets by default', async () => {
  await using cloud = await startTestCloud();
  const queue = cloud.sqs.queue(await cloud.createQueue('polled'));
  const stop = new AbortController();
  const polls = Array.from({ length: 60 }, () =>
    queue.receive({ maxMessages: 1, waitSeconds: 20, visibilityTimeoutSeconds: 30 }, stop.signal),
  );
  const settled = Promise.allSettled(polls);
  expect(await queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  await queue.send({ body: 'a' });
  expect(await Promise.race(polls)).toMatchObject([{ body: 'a' }]);
  stop.abort();
  await settled;
});
