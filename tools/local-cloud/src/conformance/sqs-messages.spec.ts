import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type Message,
  type ReceiveMessageCommandInput,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';

import { uniqueName, withLocalCloud } from './clients.ts';

const cloud = withLocalCloud();

async function createQueue(attributes: Record<string, string> = {}): Promise<TestQueue> {
  const name = uniqueName('queue');
  const fifo = attributes['FifoQueue'] === 'true';
  const { QueueUrl = '' } = await cloud.sqs.send(
    new CreateQueueCommand({ QueueName: fifo ? `${name}.fifo` : name, Attributes: attributes }),
  );
  return new TestQueue(QueueUrl);
}

class TestQueue {
  readonly url: string;
  constructor(url: string) {
    this.url = url;
  }

  get arn(): string {
    return `arn:aws:sqs:us-east-1:000000000000:${this.url.split('/').at(-1)}`;
  }

  send(MessageBody: string, more: Partial<SendMessageCommandInput> = {}) {
    return cloud.sqs.send(new SendMessageCommand({ QueueUrl: this.url, MessageBody, ...more }));
  }

  async receive(
    options: Partial<ReceiveMessageCommandInput> = {},
    abortSignal?: AbortSignal,
  ): Promise<Message[]> {
    const { Messages = [] } = await cloud.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.url,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
        ...options,
      }),
      abortSignal === undefined ? {} : { abortSignal },
    );
    return Messages;
  }

  async bodies(options: Partial<ReceiveMessageCommandInput> = {}): Promise<(string | undefined)[]> {
    const messages = await this.receive({ MaxNumberOfMessages: 10, ...options });
    return messages.map(({ Body }) => Body);
  }

  async receiveOne(options: Partial<ReceiveMessageCommandInput> = {}): Promise<Message> {
    const [message] = await this.receive(options);
    if (message === undefined) throw new Error('no message');
    return message;
  }

  delete(message: Message) {
    return cloud.sqs.send(
      new DeleteMessageCommand({ QueueUrl: this.url, ReceiptHandle: message.ReceiptHandle }),
    );
  }

  hide(message: Message, VisibilityTimeout: number) {
    return cloud.sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: this.url,
        ReceiptHandle: message.ReceiptHandle,
        VisibilityTimeout,
      }),
    );
  }

  /** Visible, in flight, delayed. */
  async counts(): Promise<number[]> {
    const { Attributes } = await cloud.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: this.url, AttributeNames: ['All'] }),
    );
    return [
      Number(Attributes?.ApproximateNumberOfMessages),
      Number(Attributes?.ApproximateNumberOfMessagesNotVisible),
      Number(Attributes?.ApproximateNumberOfMessagesDelayed),
    ];
  }
}

const inBatch = (bodies: readonly string[]) =>
  bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));

// docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
describe('a message', () => {
  test('is received with what was sent, and when and how often', async () => {
    const queue = await createQueue();
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
    const queue = await createQueue({ VisibilityTimeout: '0' });
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
    const queue = await createQueue();
    const sent = await queue.send('This is a test message');
    expect(sent.MD5OfMessageBody).toBe('fafb00f5732ab283681e124bf8747ed1');
  });

  test('is invisible while in flight, visible after its time-out, counted exactly', async () => {
    const queue = await createQueue();
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
    const queue = await createQueue({ DelaySeconds: '900' });
    await queue.send('later');
    await queue.send('soon', { DelaySeconds: 1 });
    await queue.send('now', { DelaySeconds: 0 });
    expect(await queue.counts()).toEqual([1, 0, 2]);
    expect(await queue.bodies()).toEqual(['now']);
    expect(await queue.bodies({ WaitTimeSeconds: 5 })).toEqual(['soon']);
    expect(await queue.counts()).toEqual([0, 2, 1]);
  });

  test('is kept invisible for longer, or given back at once', async () => {
    const queue = await createQueue();
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
    const queue = await createQueue();
    await expect(queue.send(body, more)).rejects.toMatchObject({ name });
  });

  test('of 1 MiB is taken', async () => {
    const queue = await createQueue();
    await queue.send('x'.repeat(1_048_576));
    expect((await queue.receiveOne()).Body).toHaveLength(1_048_576);
  });
});

// docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
describe('a long poll', () => {
  test('is answered by the send, not at its end', async () => {
    const queue = await createQueue();
    const poll = queue.bodies({ WaitTimeSeconds: 20 });
    await queue.send('m');
    expect(await poll).toEqual(['m']);
  });

  test('of several: each message wakes one, the others go on waiting', async () => {
    const queue = await createQueue();
    const polls = [1, 2, 3].map(() => queue.bodies({ WaitTimeSeconds: 1 }));
    await queue.send('first');
    await queue.send('second');
    expect((await Promise.all(polls)).flat().sort()).toEqual(['first', 'second']);
  });

  test('whose client has gone takes no message', async () => {
    const queue = await createQueue();
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

// docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
describe('a receipt', () => {
  test('that is none is refused', async () => {
    const queue = await createQueue();
    await expect(queue.delete({ ReceiptHandle: 'nonsense' })).rejects.toMatchObject({
      name: 'ReceiptHandleIsInvalid',
    });
    await expect(queue.hide({ ReceiptHandle: 'nonsense' }, 1)).rejects.toMatchObject({
      name: 'ReceiptHandleIsInvalid',
    });
  });

  test('of another queue is refused', async () => {
    const queue = await createQueue();
    await queue.send('m');
    const message = await queue.receiveOne();
    await expect((await createQueue()).delete(message)).rejects.toMatchObject({
      name: 'ReceiptHandleIsInvalid',
    });
  });

  test('of an earlier receive deletes nothing and extends nothing', async () => {
    const queue = await createQueue();
    await queue.send('m');
    const first = await queue.receiveOne({ VisibilityTimeout: 0 });
    await queue.receiveOne();
    await queue.delete(first);
    expect(await queue.counts()).toEqual([0, 1, 0]);
    await expect(queue.hide(first, 10)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('of a message that was deleted deletes again, and extends no more', async () => {
    const queue = await createQueue();
    await queue.send('m');
    const message = await queue.receiveOne();
    await queue.delete(message);
    await queue.delete(message);
    await expect(queue.hide(message, 10)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('whose time-out has passed deletes as long as nobody received the message', async () => {
    const queue = await createQueue();
    await queue.send('m');
    const message = await queue.receiveOne({ VisibilityTimeout: 0 });
    await expect(queue.hide(message, 10)).rejects.toMatchObject({ name: 'MessageNotInflight' });
    await queue.delete(message);
    expect(await queue.counts()).toEqual([0, 0, 0]);
  });
});

describe('a batch', () => {
  test('does each entry by itself', async () => {
    const queue = await createQueue();
    const sent = await cloud.sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: queue.url,
        Entries: [...inBatch(['a', 'b']), { Id: 'bad', MessageBody: '\u0001' }],
      }),
    );
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['0', '1']);
    expect(sent.Failed).toMatchObject([
      { Id: 'bad', Code: 'InvalidMessageContents', SenderFault: true },
    ]);
    const messages = await queue.receive({ MaxNumberOfMessages: 10 });
    expect(messages.map(({ Body }) => Body)).toEqual(['a', 'b']);
    const entries = (more: object) => [
      { Id: 'a', ReceiptHandle: messages[0]?.ReceiptHandle, ...more },
      { Id: 'x', ReceiptHandle: 'nonsense', ...more },
    ];
    const hidden = await cloud.sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: queue.url,
        Entries: entries({ VisibilityTimeout: 99 }),
      }),
    );
    const deleted = await cloud.sqs.send(
      new DeleteMessageBatchCommand({ QueueUrl: queue.url, Entries: entries({}) }),
    );
    for (const outcome of [hidden, deleted]) {
      expect(outcome.Successful).toEqual([{ Id: 'a' }]);
      expect(outcome.Failed).toMatchObject([{ Id: 'x', Code: 'ReceiptHandleIsInvalid' }]);
    }
    expect(await queue.counts()).toEqual([0, 1, 0]);
  });

  test.each([
    ['is empty', [], 'EmptyBatchRequest'],
    ['has eleven entries', inBatch([...'abcdefghijk']), 'TooManyEntriesInBatchRequest'],
    ['has an id twice', [...inBatch(['a']), ...inBatch(['a'])], 'BatchEntryIdsNotDistinct'],
    ['has a bad id', [{ Id: 'a b', MessageBody: 'm' }], 'InvalidBatchEntryId'],
    ['is over 1 MiB', inBatch(['x'.repeat(600_000), 'x'.repeat(600_000)]), 'BatchRequestTooLong'],
  ])('that %s is refused', async (_what, Entries, name) => {
    const queue = await createQueue();
    await expect(
      cloud.sqs.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries })),
    ).rejects.toMatchObject({ name });
  });
});

// docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
describe('a redrive policy', () => {
  test('moves a message at the receive that would exceed maxReceiveCount, not before', async () => {
    const dead = await createQueue();
    const queue = await createQueue({
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 }),
    });
    const { MessageId } = await queue.send('poison');
    const first = await queue.receiveOne({ VisibilityTimeout: 0 });
    await queue.receiveOne({ VisibilityTimeout: 0 });
    expect(await queue.counts()).toEqual([1, 0, 0]);
    expect(await dead.counts()).toEqual([0, 0, 0]);

    await queue.send('good');
    expect(await queue.bodies()).toEqual(['good']);
    const moved = await dead.receiveOne();
    expect(moved).toMatchObject({
      MessageId,
      Body: 'poison',
      Attributes: {
        DeadLetterQueueSourceArn: queue.arn,
        SentTimestamp: first.Attributes?.SentTimestamp,
        ApproximateReceiveCount: '3',
      },
    });
  });

  test('wakes the polls of the dead-letter queue', async () => {
    const dead = await createQueue();
    const queue = await createQueue({
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 }),
    });
    await queue.send('poison');
    await queue.receiveOne({ VisibilityTimeout: 0 });
    const poll = dead.bodies({ WaitTimeSeconds: 20 });
    expect(await queue.receive()).toEqual([]);
    expect(await poll).toEqual(['poison']);
  });
});

// docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
describe('a FIFO queue', () => {
  const FIFO = { FifoQueue: 'true' };
  const inGroup = (MessageGroupId: string, MessageDeduplicationId: string) => ({
    MessageGroupId,
    MessageDeduplicationId,
  });

  test('delivers a group in order, several at once, and none while some are in flight', async () => {
    const queue = await createQueue(FIFO);
    for (const body of ['a1', 'a2', 'a3', 'a4']) await queue.send(body, inGroup('a', body));
    const [first, second] = await queue.receive({ MaxNumberOfMessages: 2 });
    expect([first?.Body, second?.Body]).toEqual(['a1', 'a2']);
    expect(await queue.receive()).toEqual([]);
    await queue.delete(first ?? {});
    expect(await queue.receive()).toEqual([]);
    await queue.hide(second ?? {}, 0);
    expect(await queue.bodies()).toEqual(['a2', 'a3', 'a4']);
  });

  test('does not let one group wait for another', async () => {
    const queue = await createQueue(FIFO);
    await queue.send('a1', inGroup('a', 'a1'));
    await queue.send('a2', inGroup('a', 'a2'));
    await queue.send('b1', inGroup('b', 'b1'));
    expect((await queue.receiveOne()).Body).toBe('a1');
    expect(await queue.bodies()).toEqual(['b1']);
  });

  test('wakes a poll when the group becomes free', async () => {
    const queue = await createQueue(FIFO);
    await queue.send('a1', inGroup('a', 'a1'));
    await queue.send('a2', inGroup('a', 'a2'));
    const first = await queue.receiveOne();
    const poll = queue.bodies({ WaitTimeSeconds: 20 });
    await queue.delete(first);
    expect(await poll).toEqual(['a2']);
  });

  test('drops a second message with the same deduplication id and tells of the first', async () => {
    const queue = await createQueue(FIFO);
    const first = await queue.send('a', inGroup('g', 'same'));
    const second = await queue.send('b', inGroup('g', 'same'));
    expect(second).toMatchObject({
      MessageId: first.MessageId,
      SequenceNumber: first.SequenceNumber,
    });
    const message = await queue.receiveOne();
    expect(message).toMatchObject({
      Body: 'a',
      Attributes: {
        MessageGroupId: 'g',
        MessageDeduplicationId: 'same',
        SequenceNumber: first.SequenceNumber,
      },
    });
    await queue.delete(message);
    await queue.send('c', inGroup('g', 'same'));
    expect(await queue.counts()).toEqual([0, 0, 0]);
  });

  test('can take the content as deduplication id', async () => {
    const queue = await createQueue({ ...FIFO, ContentBasedDeduplication: 'true' });
    for (const body of ['x', 'x', 'y']) await queue.send(body, { MessageGroupId: 'g' });
    expect(await queue.bodies()).toEqual(['x', 'y']);
  });

  test('refuses a message without a group, without an id, or with a delay of its own', async () => {
    const queue = await createQueue(FIFO);
    await expect(queue.send('m')).rejects.toMatchObject({ name: 'MissingParameter' });
    await expect(queue.send('m', { MessageGroupId: 'g' })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
    await expect(queue.send('m', { ...inGroup('g', '1'), DelaySeconds: 1 })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });

  test('refuses a receipt whose time-out has passed', async () => {
    const queue = await createQueue(FIFO);
    await queue.send('m', inGroup('g', '1'));
    const message = await queue.receiveOne({ VisibilityTimeout: 0 });
    await expect(queue.delete(message)).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining('expired') as string,
    });
  });

  test('hands a poisoned message on and goes on with its group', async () => {
    const dead = await createQueue(FIFO);
    const queue = await createQueue({
      ...FIFO,
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 }),
    });
    await queue.send('poison', inGroup('g', '1'));
    await queue.receiveOne({ VisibilityTimeout: 0 });
    await queue.send('next', inGroup('g', '2'));
    expect(await queue.bodies()).toEqual(['next']);
    expect(await dead.bodies()).toEqual(['poison']);
  });
});
