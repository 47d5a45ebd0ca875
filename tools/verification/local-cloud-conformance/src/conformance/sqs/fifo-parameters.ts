import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { expect } from 'vitest';

import { uniqueName } from '@labelfleet/testkit/aws-clients';
import { expectError } from '@labelfleet/testkit/expect-error';
import { withQueue, type QueueCase } from '../case.ts';
import { sqsApi } from '../sources.ts';
import { FIFO, inGroup } from './fifo-ids.ts';

const WITHOUT_IDS = [
  ['group', 'group', { MessageDeduplicationId: 'b' }],
  ['deduplication', 'deduplication id', { MessageGroupId: 'g' }],
] as const;

export const fifoParameters = withQueue(FIFO)(
  {
    id: 'sqs-fifo-parameters',
    sentence: 'refuses a message without a group, without an id, or with its own delay',
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
);
