import type { SendMessageCommandInput } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';

import { withLocalCloud } from './clients.ts';
import { createQueue } from './test-queue.ts';

const cloud = withLocalCloud();
const newQueue = (attributes?: Record<string, string>) => createQueue(cloud.sqs, attributes);

// docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
describe('a message', () => {
  test('is received with what was sent, and when and how often', async () => {
    const queue = await newQueue();
    const sent = await queue.send('pictures: ü', {
      MessageAttributes: {
        traceparent: { DataType: 'String', StringValue: '00-1' },
        size: { DataType: 'Number', StringValue: '3' },
        bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
      },
      MessageSystemAttributes: {
        AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-2' },
      },
    });
    const received = await queue.receiveOne();
    expect(received).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'pictures: ü',
      MD5OfBody: sent.MD5OfMessageBody,
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      MessageAttributes: {
        traceparent: { DataType: 'String', StringValue: '00-1' },
        size: { DataType: 'Number', StringValue: '3' },
        bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
      },
      Attributes: { ApproximateReceiveCount: '1', AWSTraceHeader: 'Root=1-2' },
    });
    const { SentTimestamp, ApproximateFirstReceiveTimestamp } = received.Attributes ?? {};
    expect(Number(ApproximateFirstReceiveTimestamp)).toBeGreaterThanOrEqual(Number(SentTimestamp));
  });

  test('comes with the attributes asked for, none without asking', async () => {
    const queue = await newQueue({ VisibilityTimeout: '0' });
    const text = { DataType: 'String', StringValue: 'x' };
    await queue.send('m', { MessageAttributes: { 'a.b': text, 'a.c': text, d: text } });
    const names = async (MessageAttributeNames: string[]) => {
      const message = await queue.receiveOne({ MessageAttributeNames });
      return Object.keys(message.MessageAttributes ?? {});
    };
    expect(await names([])).toEqual([]);
    expect(await names(['d', 'nothing'])).toEqual(['d']);
    expect(await names(['a.*'])).toEqual(['a.b', 'a.c']);
    expect(await names(['All'])).toEqual(['a.b', 'a.c', 'd']);
  });

  // The example of docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
  test('has the digests that SQS documents', async () => {
    const queue = await newQueue();
    const sent = await queue.send('This is a test message');
    expect(sent.MD5OfMessageBody).toBe('fafb00f5732ab283681e124bf8747ed1');
  });

  test('is invisible while in flight, visible after its time-out, counted exactly', async () => {
    const queue = await newQueue();
    await queue.send('m');
    expect(await queue.counts()).toEqual([1, 0, 0]);
    await queue.receiveOne({ VisibilityTimeout: 1 });
    expect(await queue.counts()).toEqual([0, 1, 0]);
    expect(await queue.receive()).toEqual([]);
    const again = await queue.receiveOne({ WaitTimeSeconds: 5 });
    expect(again.Attributes?.ApproximateReceiveCount).toBe('2');
    await queue.delete(again);
    expect(await queue.counts()).toEqual([0, 0, 0]);
  });

  test('is delayed by its own delay or the queue’s, and a poll that waits gets it then', async () => {
    const queue = await newQueue({ DelaySeconds: '900' });
    await queue.send('later');
    await queue.send('soon', { DelaySeconds: 1 });
    await queue.send('now', { DelaySeconds: 0 });
    expect(await queue.counts()).toEqual([1, 0, 2]);
    expect(await queue.bodies()).toEqual(['now']);
    expect(await queue.bodies({ WaitTimeSeconds: 5 })).toEqual(['soon']);
    expect(await queue.counts()).toEqual([0, 2, 1]);
  });

  test('is kept invisible for longer, or given back at once', async () => {
    const queue = await newQueue();
    await queue.send('m');
    const message = await queue.receiveOne({ VisibilityTimeout: 1 });
    await queue.hide(message, 100);
    expect(await queue.receive({ WaitTimeSeconds: 2 })).toEqual([]);
    await queue.hide(message, 0);
    expect(await queue.counts()).toEqual([1, 0, 0]);
  });

  test.each<[string, string, Partial<SendMessageCommandInput>, string]>([
    ['with more than 1 MiB', 'x'.repeat(1_048_577), {}, 'InvalidParameterValue'],
    [
      'with more than 1 MiB, attributes included',
      'x'.repeat(1_048_570),
      { MessageAttributes: { abc: { DataType: 'String', StringValue: 'x' } } },
      'InvalidParameterValue',
    ],
    ['that is empty', '', {}, 'InvalidParameterValue'],
    ['with characters that XML has not', '\u0001', {}, 'InvalidMessageContents'],
    ['delayed by 901 s', 'm', { DelaySeconds: 901 }, 'InvalidParameterValue'],
    [
      'with an attribute without a value',
      'm',
      { MessageAttributes: { a: { DataType: 'String' } } },
      'InvalidParameterValue',
    ],
    [
      'with a deduplication id on a standard queue',
      'm',
      { MessageDeduplicationId: '1' },
      'InvalidParameterValue',
    ],
  ])('%s is refused', async (_what, body, more, name) => {
    const queue = await newQueue();
    await expect(queue.send(body, more)).rejects.toMatchObject({ name });
  });

  test('of 1 MiB is taken', async () => {
    const queue = await newQueue();
    await queue.send('x'.repeat(1_048_576));
    expect((await queue.receiveOne()).Body).toHaveLength(1_048_576);
  });
});

// docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
describe('a long poll', () => {
  test('is answered by the send, not at its end', async () => {
    const queue = await newQueue();
    const poll = queue.bodies({ WaitTimeSeconds: 20 });
    await queue.send('m');
    expect(await poll).toEqual(['m']);
  });

  test('of several: each message wakes one, the others go on waiting', async () => {
    const queue = await newQueue();
    const polls = [1, 2, 3].map(() => queue.bodies({ WaitTimeSeconds: 1 }));
    await queue.send('first');
    await queue.send('second');
    expect((await Promise.all(polls)).flat().sort()).toEqual(['first', 'second']);
  });

  test('whose client has gone takes no message', async () => {
    const queue = await newQueue();
    for (let round = 0; round < 100; round += 1) {
      const gone = new AbortController();
      const poll = queue.receive({ WaitTimeSeconds: 20 }, gone.signal);
      await queue.counts();
      gone.abort();
      await expect(poll).rejects.toThrow();
      await queue.send(`m${round}`);
      expect(await queue.counts()).toEqual([1, 0, 0]);
      const message = await queue.receiveOne();
      expect(message.Attributes?.ApproximateReceiveCount).toBe('1');
      await queue.delete(message);
    }
  });
});
