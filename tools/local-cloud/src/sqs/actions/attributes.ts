import * as z from 'zod';

import { ApiError } from '../../api-error.ts';
import type { Queue } from '../queue/queue.ts';
import { checkAttributes, normalized, withDefaults } from '../queue/queue-attributes.ts';
import { queueAction, stringMap } from './action.ts';

const seconds = (ms: number) => String(Math.floor(ms / 1000));

export const attributeActions = [
  queueAction(
    'GetQueueAttributes',
    { AttributeNames: z.array(z.string()).default([]) },
    (queue, { AttributeNames: wanted }) => {
      const all = allAttributes(queue);
      const unknown = wanted.find((name) => name !== 'All' && !(name in all) && !UNSET.has(name));
      if (unknown !== undefined) {
        throw new ApiError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
      }
      const shown = Object.entries(all).filter(
        ([name]) => wanted.includes('All') || wanted.includes(name),
      );
      return shown.length === 0 ? {} : { Attributes: Object.fromEntries(shown) };
    },
  ),

  queueAction('SetQueueAttributes', { Attributes: stringMap }, (queue, input, { queues }) => {
    const attributes = normalized(input.Attributes);
    checkAttributes(attributes, queue.fifo);
    queues.checkRedriveTarget(queue.fifo, attributes);
    queue.setAttributes(attributes);
    return {};
  }),
];

/** Optional attributes, which are omitted from a response if the queue does not have them. */
const UNSET = new Set([
  'Policy',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
]);

function allAttributes(queue: Queue): Readonly<Record<string, string>> {
  const counts = queue.counts();
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: seconds(queue.createdAtMs),
    LastModifiedTimestamp: seconds(queue.modifiedAtMs),
    ...withDefaults(queue.attributes),
  };
}
