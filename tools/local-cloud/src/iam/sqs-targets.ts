import * as z from 'zod';

import type { Queue } from '../sqs/queue/queue.ts';
import { queueArn } from './arns.ts';
import { requestTags, resourceTags, type Targets } from './iam-calls.ts';

const named = z
  .object({
    QueueUrl: z.string().optional(),
    QueueName: z.string().optional(),
    tags: z.record(z.string(), z.string()).default({}),
    Tags: z.record(z.string(), z.string()).default({}),
    TagKeys: z.array(z.string()).default([]),
  })
  .catch({ tags: {}, Tags: {}, TagKeys: [] });

/**
 * The queue that a call's unchecked input names.
 * @param find undefined if there is no such queue
 */
export function sqsTargets(
  input: unknown,
  { region, find }: { region: string; find: (name: string) => Queue | undefined },
): Targets {
  const { QueueUrl, QueueName, tags, Tags, TagKeys } = named.parse(input);
  const name = QueueUrl?.split('/').at(-1) ?? QueueName ?? '';
  const given = { ...tags, ...Tags };
  const context = {
    ...resourceTags(find(name)?.tags ?? {}),
    ...requestTags(given),
    ...(TagKeys.length > 0 && { 'aws:TagKeys': TagKeys }),
  };
  const queue = [{ resource: queueArn(region, name), context }];
  return { queue, 'queue-with-new-tags': Object.keys(given).length > 0 ? queue : [] };
}
