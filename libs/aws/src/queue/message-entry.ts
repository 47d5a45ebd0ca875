import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import type { OutgoingMessage } from './queue.ts';

/** Converts a message to a batch entry whose id is its position. */
export function toEntry(
  message: OutgoingMessage,
  index: number,
  fifo: boolean,
): SendMessageBatchRequestEntry {
  const attributes = Object.entries(message.attributes ?? {}).map(
    ([name, value]) => [name, { DataType: 'String', StringValue: value }] as const,
  );
  return {
    Id: String(index),
    MessageBody: message.body,
    MessageAttributes: Object.fromEntries(attributes),
    ...(fifo
      ? { MessageGroupId: message.groupId, MessageDeduplicationId: message.deduplicationId }
      : { DelaySeconds: message.delaySeconds }),
  };
}

/** A message's size as SQS counts it: the body, and each attribute's name, type and value. */
export function messageBytes({ body, attributes = {} }: OutgoingMessage): number {
  return Object.entries(attributes).reduce(
    (sum, [name, value]) =>
      sum + Buffer.byteLength(name) + 'String'.length + Buffer.byteLength(value),
    Buffer.byteLength(body),
  );
}
