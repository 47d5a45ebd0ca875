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

/** The length to which a message body is cut in the facts. */
const BODY_CHARACTERS = 2048;

/**
 * Collects the facts of an SQS call from its unchecked input.
 * @param bodyOf returns the body of a receipt's message, if it exists
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

/** Collects the facts of an EC2 call from its unchecked parameters. */
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
