import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { expect } from 'vitest';

import { uniqueName } from '@labelfleet/testkit/aws-clients';
import { expectError } from '@labelfleet/testkit/expect-error';
import { withQueue, type QueueCase, type Table } from '../case.ts';
import { sqsApi, sqsGuide } from '../sources.ts';

const FIFO = { FifoQueue: 'true' };
const LOGIC = sqsGuide('FIFO-queues-understanding-logic');
const ONCE = sqsGuide('FIFO-queues-exactly-once-processing');

const inGroup = (MessageGroupId: string, MessageDeduplicationId: string) => ({
  MessageGroupId,
  MessageDeduplicationId,
});

const WITHOUT_IDS = [
  ['group', 'group', { MessageDeduplicationId: 'b' }],
  ['deduplication', 'deduplication id', { MessageGroupId: 'g' }],
] as const;

export const fifoTable: Table = {
  title: 'a FIFO queue',
  cases: [
    ...withQueue(FIFO)(
      {
        id: 'sqs-fifo-order',
        sentence: 'delivers a group in order, several at once, and none behind one in flight',
        source: LOGIC,
        run: async ({ queue }) => {
          for (const body of ['a1', 'a2', 'a3', 'a4']) await queue.send(body, inGroup('a', body));
          const [first = {}, second = {}] = await queue.receive({ MaxNumberOfMessages: 2 });
          expect([first.Body, second.Body]).toEqual(['a1', 'a2']);
          expect(await queue.receive()).toEqual([]);
          await queue.delete(first);
          expect(await queue.receive()).toEqual([]);
          await queue.hide(second, 0);
          expect(await queue.bodies()).toEqual(['a2', 'a3', 'a4']);
        },
      },
      {
        id: 'sqs-fifo-groups',
        sentence: 'does not let one group wait for another',
        source: LOGIC,
        run: async ({ queue }) => {
          await queue.send('a1', inGroup('a', 'a1'));
          await queue.send('a2', inGroup('a', 'a2'));
          await queue.send('b1', inGroup('b', 'b1'));
          expect((await queue.receiveOne()).Body).toBe('a1');
          expect(await queue.bodies()).toEqual(['b1']);
        },
      },
      {
        id: 'sqs-fifo-wake',
        sentence: 'wakes a poll when the group becomes free',
        source: LOGIC,
        run: async ({ queue }) => {
          await queue.send('a1', inGroup('a', 'a1'));
          await queue.send('a2', inGroup('a', 'a2'));
          const first = await queue.receiveOne();
          const poll = queue.bodies({ WaitTimeSeconds: 20 });
          await queue.delete(first);
          expect(await poll).toEqual(['a2']);
        },
      },
      {
        id: 'sqs-fifo-deduplication',
        sentence: 'drops a second message with the same deduplication id and tells of the first',
        source: ONCE,
        needs: ['exact'],
        run: async ({ queue }) => {
          const { MessageId, SequenceNumber } = await queue.send('a', inGroup('g', 'same'));
          const second = await queue.send('b', inGroup('g', 'same'));
          expect(second).toMatchObject({ MessageId, SequenceNumber });
          const message = await queue.receiveOne();
          expect(message).toMatchObject({
            Body: 'a',
            Attributes: { ...inGroup('g', 'same'), SequenceNumber },
          });
          await queue.delete(message);
          await queue.send('c', inGroup('g', 'same'));
          expect(await queue.counts()).toEqual([0, 0, 0]);
        },
      },
      {
        id: 'sqs-fifo-parameters',
        sentence: 'refuses a message without a group, without an id, or with a delay of its own',
        source: sqsApi('SendMessage'),
        run: async ({ queue }) => {
          for (const [more, error] of [
            [{}, 'MissingParameter'],
            [{ MessageGroupId: 'g' }, 'InvalidParameterValue'],
            [{ ...inGroup('g', '1'), DelaySeconds: 1 }, 'InvalidParameterValue'],
          ] as const) {
            await expectError(queue.send('m', more), error);
          }
        },
      },
      {
        id: 'sqs-fifo-receipt',
        sentence: 'refuses a receipt whose time-out has passed, or of an earlier receive',
        source: sqsApi('DeleteMessage'),
        run: async ({ queue }) => {
          const expired = async (call: Promise<unknown>) => {
            const says = expect.stringContaining('expired') as string;
            await expectError(call, 'InvalidParameterValue', 400, says);
          };
          await queue.send('m', inGroup('g', '1'));
          const message = await queue.receiveOne({ VisibilityTimeout: 0 });
          await expired(queue.delete(message));
          const second = await queue.receiveOne();
          await expired(queue.delete(message));
          await expired(queue.hide(message, 10));
          await queue.hide(second, 10);
          await queue.delete(second);
        },
      },
      ...[0, 1, 2].map((index): QueueCase => ({
        id: `sqs-fifo-extended-${index}`,
        sentence: `delivers again what is before message ${index + 1} of a group while that is kept`,
        source: LOGIC,
        needs: ['exact'],
        run: async ({ queue }) => {
          const bodies = ['a', 'b', 'c'];
          for (const body of bodies) await queue.send(body, inGroup('g', body));
          const received = await queue.receive({ MaxNumberOfMessages: 10 });
          for (const [other, message] of received.entries()) {
            await queue.hide(message, other === index ? 30 : 0);
          }
          expect(await queue.bodies()).toEqual(bodies.slice(0, index));
        },
      })),
      {
        id: 'sqs-fifo-purge',
        sentence: 'takes a deduplication id again after a purge',
        source: sqsApi('PurgeQueue'),
        needs: ['exact'],
        run: async ({ sqs, queue }) => {
          await queue.send('before', inGroup('g', 'same'));
          await sqs.send(new PurgeQueueCommand({ QueueUrl: queue.url }));
          await queue.send('after', inGroup('g', 'same'));
          expect(await queue.bodies()).toEqual(['after']);
        },
      },
      ...['True', 'TRUE', 'true'].map((yes): QueueCase => ({
        id: `sqs-fifo-boolean-${yes}`,
        sentence: `is made by FifoQueue: ${yes}, and shows it as true`,
        source: sqsApi('CreateQueue'),
        run: async ({ sqs }) => {
          const QueueName = `${uniqueName('boolean')}.fifo`;
          const attributes = (value: string) => ({
            FifoQueue: value,
            ContentBasedDeduplication: value,
          });
          const create = (value: string) =>
            sqs.send(new CreateQueueCommand({ QueueName, Attributes: attributes(value) }));
          const { QueueUrl } = await create(yes);
          await create('true');
          const Attributes = { ContentBasedDeduplication: yes };
          await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
          const shown = await sqs.send(
            new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
          );
          expect(shown.Attributes).toMatchObject(attributes('true'));
        },
      })),
      ...WITHOUT_IDS.map(([id, what, last]): QueueCase => ({
        id: `sqs-fifo-batch-${id}`,
        sentence: `refuses a whole batch of which one entry has no ${what}`,
        source: sqsApi('SendMessageBatch'),
        needs: ['exact'],
        run: async ({ sqs, queue }) => {
          const Entries = [
            { Id: '1', MessageBody: 'a', ...inGroup('g', 'a') },
            { Id: '2', MessageBody: 'b', ...last },
          ];
          const batch = new SendMessageBatchCommand({ QueueUrl: queue.url, Entries });
          await expectError(sqs.send(batch), 'InvalidParameterValue');
          expect(await queue.counts()).toEqual([0, 0, 0]);
        },
      })),
      {
        id: 'sqs-fifo-ids',
        sentence: 'refuses ids with a space, of none or of more than 128 characters',
        source: sqsApi('SendMessage'),
        run: async ({ queue }) => {
          for (const id of ['', 'a b', 'a'.repeat(129)]) {
            await expectError(queue.send('m', inGroup(id, 'd')), 'InvalidParameterValue');
            await expectError(queue.send('m', inGroup('g', id)), 'InvalidParameterValue');
          }
          await queue.send('m', inGroup('g'.repeat(128), '!"#$%&\'()*+,-./:;<=>?@[]^_`{|}~'));
        },
      },
    ),
    ...withQueue({ ...FIFO, ContentBasedDeduplication: 'true' })({
      id: 'sqs-fifo-content',
      sentence: 'can take the content as deduplication id',
      source: ONCE,
      run: async ({ queue }) => {
        for (const body of ['x', 'x', 'y']) await queue.send(body, { MessageGroupId: 'g' });
        expect(await queue.bodies()).toEqual(['x', 'y']);
      },
    }),
    ...withQueue({
      ...FIFO,
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    })({
      id: 'sqs-fifo-scope',
      sentence: 'can deduplicate within each group',
      source: sqsApi('CreateQueue'),
      run: async ({ queue }) => {
        await queue.send('a', inGroup('a', 'same'));
        await queue.send('b', inGroup('b', 'same'));
        expect((await queue.bodies()).sort()).toEqual(['a', 'b']);
      },
    }),
  ],
};
