import { hash } from 'node:crypto';

import * as z from 'zod';

import { ApiError } from '../../api-error.ts';
import { invalidValue, missingParameter } from '../../parse-input.ts';
import { md5OfAttributes, sizeOfAttributes } from '../message/message-attributes.ts';
import type { Queue } from '../queue/queue.ts';
import { attributeNumber } from '../queue/queue-attributes.ts';
import { queueAction, within } from './action.ts';
import { batchOf, runBatch } from './batch.ts';

const attribute = z
  .strictObject({
    DataType: z.string().regex(/^(String|Number|Binary)(\..+)?$/, 'It is no type of an attribute.'),
    StringValue: z.string().min(1).optional(),
    BinaryValue: z.string().min(1).optional(),
  })
  .refine(
    ({ DataType, StringValue, BinaryValue }) =>
      (DataType.startsWith('Binary') ? BinaryValue : StringValue) !== undefined,
    'The value of the attribute is missing.',
  );

const messageShape = {
  MessageBody: z.string(),
  DelaySeconds: within(0, 900).optional(),
  MessageAttributes: z.record(z.string().min(1).max(256), attribute).default({}),
  MessageSystemAttributes: z.record(z.literal('AWSTraceHeader'), attribute).optional(),
  MessageGroupId: z.string().optional(),
  MessageDeduplicationId: z.string().optional(),
};

type OneMessage = z.output<z.ZodObject<typeof messageShape>>;

/** The limit of a batch is the same as that of one message. */
const MAX_BATCH_BYTES = 1_048_576;

/** SQS accepts the characters of XML 1.0. */
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

export const sendActions = [
  queueAction('SendMessage', messageShape, (queue, input) => send(queue, input)),

  queueAction('SendMessageBatch', { Entries: batchOf(messageShape) }, (queue, { Entries }) => {
    const bytes = Entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
    if (bytes > MAX_BATCH_BYTES) {
      throw new ApiError(
        'BatchRequestTooLong',
        `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes. You have sent ${bytes} bytes.`,
      );
    }
    return runBatch(
      Entries,
      (entry) => send(queue, entry),
      (entry) => {
        checkBatchEntry(queue, entry);
      },
    );
  }),
];

function send(queue: Queue, input: OneMessage): object {
  checkMessage(queue, input);
  const systemAttributes = input.MessageSystemAttributes ?? {};
  const digests = {
    MD5OfMessageBody: hash('md5', input.MessageBody),
    MD5OfMessageAttributes: md5OfAttributes(input.MessageAttributes),
    MD5OfMessageSystemAttributes: md5OfAttributes(systemAttributes),
  };
  const deduplicationId = deduplicationIdOf(queue, input);
  const key = `${deduplicationScope(queue, input)}/${deduplicationId ?? ''}`;
  const earlier =
    deduplicationId === undefined ? undefined : queue.deduplication.find(key, queue.nowMs());
  if (earlier !== undefined) {
    return {
      ...digests,
      MessageId: earlier.messageId,
      SequenceNumber: sequenceNumber(earlier.sequence),
    };
  }
  const message = queue.send(
    {
      body: input.MessageBody,
      attributes: input.MessageAttributes,
      systemAttributes,
      groupId: input.MessageGroupId,
      deduplicationId,
    },
    delaySecondsOf(queue, input) * 1000,
  );
  if (deduplicationId !== undefined) {
    const sent = { messageId: message.id, sequence: message.sequence };
    queue.deduplication.remember(key, sent, message.sentAtMs);
  }
  return {
    ...digests,
    MessageId: message.id,
    ...(queue.fifo ? { SequenceNumber: sequenceNumber(message.sequence) } : {}),
  };
}

/** Formats a sequence number with twenty digits like SQS, so that they compare as text. */
export function sequenceNumber(sequence: number): string {
  return `1${String(sequence).padStart(19, '0')}`;
}

function checkMessage(queue: Queue, input: OneMessage): void {
  if (input.MessageBody === '') throw missingParameter('MessageBody');
  const limit = attributeNumber(queue.attributes, 'MaximumMessageSize');
  if (sizeOf(input) > limit) {
    throw new ApiError(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`,
    );
  }
  if (Object.keys(input.MessageAttributes).length > 10) {
    throw new ApiError(
      'InvalidParameterValue',
      'Number of message attributes exceeds the allowed maximum (10).',
    );
  }
  if (NOT_XML.test(input.MessageBody)) {
    throw new ApiError('InvalidMessageContents', 'Invalid characters found in the message.');
  }
  for (const parameter of ['MessageGroupId', 'MessageDeduplicationId'] as const) {
    const id = input[parameter];
    if (id !== undefined && !ID.test(id)) {
      throw invalidValue(
        parameter,
        id,
        `${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
      );
    }
  }
  if (queue.fifo) {
    if (input.MessageGroupId === undefined) throw missingParameter('MessageGroupId');
    if (input.DelaySeconds !== undefined && input.DelaySeconds > 0) {
      throw notForThisType('DelaySeconds', input.DelaySeconds);
    }
  } else if (input.MessageDeduplicationId !== undefined) {
    throw notForThisType('MessageDeduplicationId', input.MessageDeduplicationId);
  }
}

const ID = /^[\x21-\x7e]{1,128}$/;

/**
 * Throws for an entry without one of a FIFO queue's ids. SQS refuses the whole batch for it, because sending only some
 * messages of a group would change their order.
 */
function checkBatchEntry(queue: Queue, entry: OneMessage): void {
  if (!queue.fifo) return;
  if (entry.MessageGroupId === undefined) {
    throw new ApiError(
      'InvalidParameterValue',
      'The request must contain the parameter MessageGroupId.',
    );
  }
  deduplicationIdOf(queue, entry);
}

/** A FIFO queue has the same delay for all messages. */
const delaySecondsOf = (queue: Queue, { DelaySeconds }: OneMessage) =>
  (queue.fifo ? undefined : DelaySeconds) ?? attributeNumber(queue.attributes, 'DelaySeconds');

function notForThisType(parameter: string, value: unknown): ApiError {
  return invalidValue(
    parameter,
    value,
    'The request includes a parameter that is not valid for this queue type.',
  );
}

function deduplicationIdOf(queue: Queue, input: OneMessage): string | undefined {
  if (!queue.fifo) return undefined;
  if (input.MessageDeduplicationId !== undefined) return input.MessageDeduplicationId;
  if (queue.attributes['ContentBasedDeduplication'] === 'true') {
    return hash('sha256', input.MessageBody);
  }
  throw new ApiError(
    'InvalidParameterValue',
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  );
}

function deduplicationScope(queue: Queue, input: OneMessage): string {
  return queue.attributes['DeduplicationScope'] === 'messageGroup'
    ? (input.MessageGroupId ?? '')
    : '';
}

function sizeOf(input: OneMessage): number {
  return Buffer.byteLength(input.MessageBody) + sizeOfAttributes(input.MessageAttributes);
}
