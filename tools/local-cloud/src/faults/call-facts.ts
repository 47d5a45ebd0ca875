import * as z from 'zod';

import type { Facts } from './matches.ts';

const one = z.string().optional().catch(undefined);
const several = z.array(z.string()).catch([]);

const sqsInput = z.object({ QueueUrl: one, QueueName: one }).catch({});
const ec2Parameters = z
  .object({ InstanceId: several, ResourceId: several })
  .catch({ InstanceId: [], ResourceId: [] });

/** What a call of SQS is about, from its unchecked input. */
export function sqsFacts(input: unknown): Facts {
  const { QueueUrl, QueueName } = sqsInput.parse(input);
  const queue = QueueUrl?.split('/').at(-1) ?? QueueName;
  return queue === undefined ? {} : { queue: [queue] };
}

/** What a call of EC2 is about, from its unchecked parameters. */
export function ec2Facts(parameters: unknown): Facts {
  const { InstanceId, ResourceId } = ec2Parameters.parse(parameters);
  const instance = [...InstanceId, ...ResourceId];
  return instance.length === 0 ? {} : { instance };
}

export function s3Facts({ bucket, key }: { bucket: string; key: string }): Facts {
  return { bucket: [bucket], ...(key === '' ? {} : { key: [key] }) };
}
