import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import { uniqueName } from '@labelfleet/testkit/aws-clients';
import { expectError, expectStatus } from '@labelfleet/testkit/expect-error';
import { FaultsClient } from '@labelfleet/testkit/faults-client';
import { createBucket, type TestBucket } from '@labelfleet/testkit/test-bucket';
import { createQueue } from '@labelfleet/testkit/test-queue';
import { useLocalCloud } from '@labelfleet/testkit/use-local-cloud';

const cloud = useLocalCloud();
const faults = new FaultsClient(() => cloud.endpoint);
afterEach(() => faults.clearAll());

let bucket: TestBucket;
beforeAll(async () => {
  bucket = await createBucket(cloud.s3);
});

/** A call of each service. */
const list = {
  sqs: () => cloud.sqs.send(new ListQueuesCommand({})),
  s3: () => bucket.put('listed'),
  ec2: () => cloud.ec2.send(new DescribeInstancesCommand({})),
};

describe('an SDK client sees', () => {
  test.each([
    ['an error of SQS', 'sqs', { kind: 'error' }, 'InternalFailure', 500],
    ['another', 'sqs', { kind: 'error', status: 503 }, 'ServiceUnavailable', 503],
    ['an error of S3', 's3', { kind: 'error' }, 'InternalError', 500],
    ['an error by its code', 's3', { kind: 'error', status: 503, code: 'Slow' }, 'Slow', 503],
    ['an error of EC2', 'ec2', { kind: 'error', status: 503 }, 'Unavailable', 503],
    ['SQS throttle', 'sqs', { kind: 'throttle' }, 'RequestThrottled', 400],
    ['S3 throttle', 's3', { kind: 'throttle' }, 'SlowDown', 503],
    ['EC2 throttle', 'ec2', { kind: 'throttle' }, 'RequestLimitExceeded', 503],
  ] as const)('%s', async (_what, service, fault, name, status) => {
    await faults.set({ ...fault, action: `${service}:*`, count: 1 });
    await expectError(list[service](), name, status);
    await list[service](); // the count has been used up
  });

  test('the status of an error for a call without a body', async () => {
    await faults.set({ kind: 'error', action: 'HeadObject', status: 503 });
    await expectStatus(bucket.head('any'), 503);
  });

  test.each(['sqs', 's3', 'ec2'] as const)('a broken connection of %s', async (service) => {
    await faults.set({ kind: 'cut-connection', action: `${service}:*` });
    await expect(list[service]()).rejects.toThrow(/ECONNRESET|socket hang up/);
  });

  test('a delayed answer', async () => {
    await faults.set({ kind: 'latency', action: 'ListQueues', seconds: 0.2 });
    const beganAt = performance.now();
    await list.sqs();
    expect(performance.now() - beganAt).toBeGreaterThanOrEqual(199);
  });
});

describe('the effect of a call', () => {
  test.each([
    ['is not there when its connection is cut', 'cut-connection', 0],
    ['is there when its reply is lost', 'lost-reply', 1],
  ])('%s', async (_what, kind, effects) => {
    const queue = await createQueue(cloud.sqs);
    await faults.set({ kind, action: ['SendMessage', 'PutObject'] });
    const key = uniqueName('object');
    await expect(queue.send('once')).rejects.toThrow();
    await expect(bucket.put(key)).rejects.toThrow();
    expect(await queue.counts()).toEqual([effects, 0, 0]);
    const found = await bucket.head(key).then(
      () => 1,
      () => 0,
    );
    expect(found).toBe(effects);
  });

  test('of a receive with a lost reply is a message in flight', async () => {
    const queue = await createQueue(cloud.sqs);
    await queue.send('taken');
    await faults.set({ kind: 'lost-reply', action: 'ReceiveMessage', count: 1 });
    await expect(queue.receive()).rejects.toThrow();
    expect(await queue.counts()).toEqual([0, 1, 0]);
  });

  test('of a get of a large object with a lost reply ends the transfer', async () => {
    await bucket.put('large', { Body: Buffer.alloc(4_000_000) });
    await faults.set({ kind: 'lost-reply', action: 'GetObject' });
    await expect(bucket.get('large')).rejects.toThrow();
    await faults.clearAll();
    expect((await bucket.head('large')).ContentLength).toBe(4_000_000);
  });
});

describe('a fault that is limited', () => {
  test('to a queue leaves the others alone', async () => {
    const hit = await createQueue(cloud.sqs);
    const spared = await createQueue(cloud.sqs);
    await faults.set({ kind: 'throttle', match: { queue: hit.name } });
    await expect(hit.send('x')).rejects.toThrow('Rate exceeded');
    await spared.send('x');
    expect(await faults.list()).toMatchObject([{ matched: 1, fired: 1, state: 'active' }]);
  });

  test('to some keys leaves the others alone', async () => {
    await faults.set({ kind: 'throttle', match: { bucket: bucket.name, key: 'hit/*' } });
    await expect(bucket.put('hit/1')).rejects.toThrow('reduce your request rate');
    await bucket.put('spared/1');
  });
});

test('fails some entries of a batch, and the others have their effect', async () => {
  const queue = await createQueue(cloud.sqs);
  await faults.set({ kind: 'batch-entry-error', action: 'SendMessageBatch', every: 2 });
  const Entries = ['1', '2', '3', '4'].map((Id) => ({ Id, MessageBody: Id }));
  const sent = await cloud.sqs.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries }));
  expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['1', '3']);
  expect(sent.Failed).toEqual(
    ['2', '4'].map((Id) => ({
      Id,
      Code: 'InternalFailure',
      Message: expect.any(String) as string,
      SenderFault: false,
    })),
  );
  expect(await queue.bodies()).toEqual(['1', '3']);
});

test('fails all entries of a batch', async () => {
  const queue = await createQueue(cloud.sqs);
  await queue.send('stays');
  const message = await queue.receiveOne();
  await faults.set({ kind: 'batch-entry-error' });
  const { Successful, Failed } = await cloud.sqs.send(
    new DeleteMessageBatchCommand({
      QueueUrl: queue.url,
      Entries: [{ Id: 'a', ReceiptHandle: message.ReceiptHandle }],
    }),
  );
  expect(Successful ?? []).toEqual([]);
  expect(Failed).toMatchObject([{ Id: 'a' }]);
  expect(await queue.counts()).toEqual([0, 1, 0]);
});

describe('a message that is delivered twice', () => {
  test('is delivered again while it is in flight, with the same id and another receipt', async () => {
    const queue = await createQueue(cloud.sqs);
    await queue.send('twin');
    await faults.set({ kind: 'duplicate-delivery', count: 1 });
    const first = await queue.receiveOne();
    const second = await queue.receiveOne();
    expect(second).toMatchObject({
      MessageId: first.MessageId,
      Body: 'twin',
      Attributes: { ApproximateReceiveCount: '2' },
    });
    expect(second.ReceiptHandle).not.toBe(first.ReceiptHandle);
    expect(await queue.receive()).toEqual([]);
    // Both receivers have it: each can extend and delete with its own receipt.
    await queue.hide(first, 100);
    await queue.delete(second);
    expect(await queue.counts()).toEqual([0, 1, 0]);
    await queue.delete(first);
    expect(await queue.counts()).toEqual([0, 0, 0]);
  });

  test('can come after a delay', async () => {
    const queue = await createQueue(cloud.sqs);
    await queue.send('twin');
    await faults.set({ kind: 'duplicate-delivery', count: 1, afterSeconds: 0.1 });
    const first = await queue.receiveOne();
    await queue.delete(first);
    const [second] = await queue.receive({ WaitTimeSeconds: 5 });
    expect(second?.MessageId).toBe(first.MessageId);
  });

  test('does not exist in a FIFO queue', async () => {
    const queue = await createQueue(cloud.sqs, { FifoQueue: 'true' });
    await queue.send('single', { MessageGroupId: 'g', MessageDeduplicationId: 'd' });
    await faults.set({ kind: 'duplicate-delivery' });
    await queue.receiveOne();
    expect(await queue.counts()).toEqual([0, 1, 0]);
  });
});

test('lists the faults that occurred', async () => {
  const queue = await createQueue(cloud.sqs);
  const { id } = await faults.set({ kind: 'throttle', action: 'GetQueueAttributes', every: 2 });
  const ask = () => cloud.sqs.send(new GetQueueAttributesCommand({ QueueUrl: queue.url }));
  await ask();
  await expect(ask()).rejects.toThrow();
  const [entry, ...more] = await faults.log({ fault: id });
  expect(more).toEqual([]);
  expect(entry).toMatchObject({
    fault: id,
    action: 'sqs:GetQueueAttributes',
    facts: { queue: [queue.name], caller: ['local'] },
    outcome: { kind: 'throttle', code: 'RequestThrottled' },
  });
  expect(await faults.log({ fault: id, after: entry?.sequence ?? 0 })).toEqual([]);
});

test('sends the first of two errors for the same call, and keeps the other', async () => {
  await faults.set({ kind: 'error', action: 'ListQueues', count: 1, code: 'First' });
  await faults.set({ kind: 'error', action: 'ListQueues', count: 1, code: 'Second' });
  await expectError(list.sqs(), 'First');
  await expectError(list.sqs(), 'Second');
  await list.sqs();
});

describe('the list of faults', () => {
  test('has each fault with its seed and its counts', async () => {
    const set = await faults.set({ id: 'mine', kind: 'throttle', probability: 0.5, count: 3 });
    expect(set).toMatchObject({ id: 'mine', seed: expect.any(Number) as number, fired: 0 });
    expect(await faults.list()).toEqual([set]);
    const one = await faults.call('GET', '/mine');
    expect(JSON.parse(one.text)).toEqual(set);
  });

  test('loses one fault when it is cleared, and all when all are', async () => {
    for (const id of ['a', 'b', 'c']) await faults.set({ id, kind: 'boot-failure' });
    expect((await faults.call('DELETE', '/b')).status).toBe(200);
    expect((await faults.list()).map(({ id }) => id)).toEqual(['a', 'c']);
    expect((await faults.call('DELETE')).status).toBe(200);
    expect(await faults.list()).toEqual([]);
  });

  test('keeps an expired fault with its state', async () => {
    await faults.set({ kind: 'throttle', action: 'ListQueues', expiresInSeconds: 0.001 });
    await vi.waitFor(async () =>
      expect(await faults.list()).toMatchObject([{ state: 'expired', fired: 0 }]),
    );
    await list.sqs();
  });

  test.each([
    ['what is no object', 'text', 400, /expected object/],
    ['an unknown kind', { kind: 'earthquake' }, 400, /kind/],
    ['an unknown action', { kind: 'error', action: 'SendMesage' }, 400, /SendMesage/],
    ['a missing time', { kind: 'latency' }, 400, /seconds/],
  ])('refuses %s', async (_what, body, status, reason) => {
    const refused = await faults.call('POST', '', body);
    expect(refused).toEqual({ status, text: expect.stringMatching(reason) as string });
  });

  test('refuses a second fault with the same id', async () => {
    await faults.set({ id: 'mine', kind: 'throttle' });
    expect((await faults.call('POST', '', { id: 'mine', kind: 'throttle' })).status).toBe(409);
  });

  test.each([
    ['GET', '/nothing'],
    ['DELETE', '/nothing'],
    ['PUT', ''],
  ])('answers %s of %s with 404', async (method, path) => {
    expect((await faults.call(method, path)).status).toBe(404);
  });
});
