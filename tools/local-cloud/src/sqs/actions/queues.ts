import * as z from 'zod';

import { invalidValue } from '../../parse-input.ts';
import { checkAttributes, normalized } from '../queue/queue-attributes.ts';
import { action, queueAction, stringMap, within } from './action.ts';

const NAME = /^([\w-]{1,80}|[\w-]{1,75}\.fifo)$/;

const DEFAULT_PAGE = 1000;

export const queueActions = [
  action(
    'CreateQueue',
    { QueueName: z.string(), Attributes: stringMap.default({}), tags: stringMap.default({}) },
    (input, { queues }) => {
      const { QueueName: name } = input;
      const attributes = normalized(input.Attributes);
      const fifo = name.endsWith('.fifo');
      if (!NAME.test(name)) {
        throw invalidValue(
          'QueueName',
          name,
          'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.',
        );
      }
      if (fifo !== (attributes['FifoQueue'] === 'true')) {
        throw invalidValue(
          'QueueName',
          name,
          'The name of a FIFO queue, and only that, ends with .fifo (attribute FifoQueue).',
        );
      }
      checkAttributes(attributes, fifo);
      return { QueueUrl: queues.create(name, attributes, input.tags).url };
    },
  ),

  action('GetQueueUrl', { QueueName: z.string() }, ({ QueueName }, { queues }) => ({
    QueueUrl: queues.byName(QueueName).url,
  })),

  action(
    'ListQueues',
    {
      QueueNamePrefix: z.string().default(''),
      MaxResults: within(1, 1000).optional(),
      NextToken: z.string().default(''),
    },
    ({ QueueNamePrefix: prefix, MaxResults, NextToken: after }, { queues }) => {
      const urls = queues
        .all()
        .filter(({ name }) => name.startsWith(prefix) && name > after)
        .map(({ url, name }) => ({ url, name }));
      const page = urls.slice(0, MaxResults ?? DEFAULT_PAGE);
      return {
        QueueUrls: page.map(({ url }) => url),
        // SQS returns a token only if the request has MaxResults.
        ...(MaxResults !== undefined && urls.length > page.length
          ? { NextToken: page.at(-1)?.name }
          : {}),
      };
    },
  ),

  queueAction('DeleteQueue', {}, (queue, _input, { queues }) => {
    queues.delete(queue);
    return {};
  }),

  queueAction('PurgeQueue', {}, (queue) => {
    queue.purge();
    return {};
  }),

  queueAction('TagQueue', { Tags: stringMap }, (queue, { Tags }) => {
    queue.setTags({ ...queue.tags, ...Tags });
    return {};
  }),

  queueAction('UntagQueue', { TagKeys: z.array(z.string()) }, (queue, { TagKeys }) => {
    const left = Object.entries(queue.tags).filter(([key]) => !TagKeys.includes(key));
    queue.setTags(Object.fromEntries(left));
    return {};
  }),

  queueAction('ListQueueTags', {}, (queue) => ({ Tags: queue.tags })),
];
