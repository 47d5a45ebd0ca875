import * as z from 'zod';

import type { Facts } from './matches.ts';

const one = z.string().optional().catch(undefined);
const several = z.array(z.string()).catch([]);

const entry = z.object({ MessageBody: one, ReceiptHandle: one }).catch({});
const sqsInput = z
  .object({
    QueueUrl: one,
    QueueName: one,
    MessageBody: one,
    ReceiptHandle: one,
    Entries: z.array(entry).catch([]),
  })
  .catch({ Entries: [] });
const ec2Parameters = z
  .object({ InstanceId: several, ResourceId: several, ClientToken: one })
  .catch({ InstanceId: [], ResourceId: [] });

/** So much of a message is told of it. */
const BODY_CHARACTERS = 2048;

/**
 * What a call of SQS is about, from its unchecked input.
 * @param bodyOf the message that a receipt was given for, while there is one
 */
export function sqsFacts(
  input: unknown,
  bodyOf: (queue: string, receipt: string) => string | undefined,
): Facts {
  const call = sqsInput.parse(input);
  const queue = call.QueueUrl?.split('/').at(-1) ?? call.QueueName;
  if (queue === undefined) return {};
  const body = [call, ...call.Entries]
    .map(({ MessageBody, ReceiptHandle }) =>
      ReceiptHandle === undefined ? MessageBody : bodyOf(queue, ReceiptHandle),
    )
    .filter((text) => text !== undefined)
    .map((text) => text.slice(0, BODY_CHARACTERS));
  return { queue: [queue], ...(body.length === 0 ? {} : { body }) };
}

/** What a call of EC2 is about, from its unchecked parameters. */
export function ec2Facts(parameters: unknown): Facts {
  const { InstanceId, ResourceId, ClientToken } = ec2Parameters.parse(parameters);
  const instance = [...InstanceId, ...ResourceId];
  return {
    ...(instance.length === 0 ? {} : { instance }),
    ...(ClientToken === undefined ? {} : { clientToken: [ClientToken] }),
  };
}

export function s3Facts({ bucket, key }: { bucket: string; key: string }): Facts {
  return { bucket: [bucket], ...(key === '' ? {} : { key: [key] }) };
}
