import { expect } from 'vitest';

import { expectError } from '@labelfleet/testkit/expect-error';
import { withQueue, type Table } from '../case.ts';
import { sqsApi, sqsGuide } from '../sources.ts';

const text = (StringValue: string) => ({ DataType: 'String', StringValue });

export const messagesTable: Table = {
  title: 'a message',
  cases: [
    ...withQueue()(
      {
        id: 'sqs-round-trip',
        sentence: 'is received with what was sent, and when and how often',
        source: sqsApi('ReceiveMessage'),
        run: async ({ queue }) => {
          const MessageAttributes = {
            traceparent: text('00-1'),
            size: { DataType: 'Number', StringValue: '3' },
            bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
          };
          const sent = await queue.send('pictures: ü\r\n<&>', {
            MessageAttributes,
            MessageSystemAttributes: { AWSTraceHeader: text('Root=1-2') },
          });
          const received = await queue.receiveOne();
          expect(received).toMatchObject({
            MessageId: sent.MessageId,
            Body: 'pictures: ü\r\n<&>',
            MD5OfBody: sent.MD5OfMessageBody,
            MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
            MessageAttributes,
            Attributes: { ApproximateReceiveCount: '1', AWSTraceHeader: 'Root=1-2' },
          });
          const { SentTimestamp, ApproximateFirstReceiveTimestamp } = received.Attributes ?? {};
          expect(Number(ApproximateFirstReceiveTimestamp)).toBeGreaterThanOrEqual(
            Number(SentTimestamp),
          );
        },
      },
      {
        id: 'sqs-digest',
        sentence: 'has the digest of AWS’s own example',
        source: sqsApi('SendMessage'),
        run: async ({ queue }) => {
          const sent = await queue.send('This is a test message');
          expect(sent.MD5OfMessageBody).toBe('fafb00f5732ab283681e124bf8747ed1');
        },
      },
      {
        id: 'sqs-visibility',
        sentence: 'is invisible while in flight and visible after its time-out, counted exactly',
        source: sqsGuide('sqs-visibility-timeout'),
        needs: ['exact'],
        run: async ({ queue }) => {
          await queue.send('m');
          expect(await queue.counts()).toEqual([1, 0, 0]);
          await queue.receiveOne({ VisibilityTimeout: 1 });
          expect(await queue.counts()).toEqual([0, 1, 0]);
          expect(await queue.receive()).toEqual([]);
          const again = await queue.receiveOne({ WaitTimeSeconds: 5 });
          expect(again.Attributes?.ApproximateReceiveCount).toBe('2');
          await queue.delete(again);
          expect(await queue.counts()).toEqual([0, 0, 0]);
        },
      },
      {
        id: 'sqs-change-visibility',
        sentence: 'is kept invisible for longer, or given back at once',
        source: sqsApi('ChangeMessageVisibility'),
        needs: ['exact'],
        run: async ({ queue }) => {
          await queue.send('m');
          const message = await queue.receiveOne({ VisibilityTimeout: 1 });
          await queue.hide(message, 100);
          expect(await queue.receive({ WaitTimeSeconds: 2 })).toEqual([]);
          await queue.hide(message, 0);
          expect(await queue.counts()).toEqual([1, 0, 0]);
        },
      },
      {
        id: 'sqs-visibility-limit',
        sentence: 'is kept invisible for 12 hours at most',
        source: sqsApi('ChangeMessageVisibility'),
        run: async ({ queue }) => {
          await queue.send('m');
          const message = await queue.receiveOne();
          await expectError(queue.hide(message, 43_201), 'InvalidParameterValue');
        },
      },
      {
        id: 'sqs-counts',
        sentence: 'is counted as visible, in flight or delayed through every change',
        needs: ['exact'],
        run: async ({ queue }) => {
          for (const body of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await queue.send(body);
          await queue.send('late', { DelaySeconds: 900 });
          const [a = {}, b = {}, c = {}] = await queue.receive({ MaxNumberOfMessages: 3 });
          expect(await queue.counts()).toEqual([4, 3, 1]);
          await queue.delete(a);
          await queue.hide(b, 0);
          await queue.hide(c, 1);
          expect(await queue.counts()).toEqual([5, 1, 1]);
          expect((await queue.bodies()).sort()).toEqual(['b', 'd', 'e', 'f', 'g']);
          expect(await queue.counts()).toEqual([0, 6, 1]);
          expect(await queue.bodies({ WaitTimeSeconds: 5 })).toEqual(['c']);
          expect(await queue.counts()).toEqual([0, 6, 1]);
        },
      },
      {
        id: 'sqs-size',
        sentence: 'of 1 MiB is taken',
        source: sqsGuide('quotas-messages'),
        run: async ({ queue }) => {
          await queue.send('x'.repeat(1_048_576));
          expect((await queue.receiveOne()).Body).toHaveLength(1_048_576);
        },
      },
    ),
    ...withQueue({ VisibilityTimeout: '0' })(
      {
        id: 'sqs-attribute-names',
        sentence: 'comes with the attributes asked for, none without asking',
        source: sqsApi('ReceiveMessage'),
        run: async ({ queue }) => {
          await queue.send('m', {
            MessageAttributes: { 'a.b': text('x'), 'a.c': text('x'), d: text('x') },
          });
          const names = async (MessageAttributeNames: string[]) => {
            const message = await queue.receiveOne({ MessageAttributeNames });
            return Object.keys(message.MessageAttributes ?? {}).sort();
          };
          expect(await names([])).toEqual([]);
          expect(await names(['d', 'nothing'])).toEqual(['d']);
          expect(await names(['a.*'])).toEqual(['a.b', 'a.c']);
          expect(await names(['All'])).toEqual(['a.b', 'a.c', 'd']);
        },
      },
      {
        id: 'sqs-receive-count',
        sentence: 'counts its receives and keeps the time of the first',
        source: sqsApi('ReceiveMessage'),
        run: async ({ queue }) => {
          await queue.send('m');
          const first = (await queue.receiveOne()).Attributes;
          const second = (await queue.receiveOne()).Attributes;
          expect(second).toMatchObject({
            ApproximateReceiveCount: '2',
            ApproximateFirstReceiveTimestamp: first?.ApproximateFirstReceiveTimestamp,
            SentTimestamp: first?.SentTimestamp,
          });
        },
      },
    ),
    ...withQueue({ DelaySeconds: '900' })({
      id: 'sqs-delay',
      sentence: 'is delayed by its own delay or the queue’s, and a poll that waits gets it then',
      source: sqsGuide('sqs-delay-queues'),
      needs: ['exact'],
      run: async ({ queue }) => {
        await queue.send('later');
        await queue.send('soon', { DelaySeconds: 1 });
        await queue.send('now', { DelaySeconds: 0 });
        expect(await queue.counts()).toEqual([1, 0, 2]);
        expect(await queue.bodies()).toEqual(['now']);
        expect(await queue.bodies({ WaitTimeSeconds: 5 })).toEqual(['soon']);
        expect(await queue.counts()).toEqual([0, 2, 1]);
      },
    }),
  ],
};
