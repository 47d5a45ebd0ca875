import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
  type BatchResultErrorEntry,
  type MessageAttributeValue,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { AwsCallError, callAws, isReceiptInvalid } from '../errors.ts';
import { coalesce } from './coalesce.ts';
import type { OutgoingMessage, ReceiptOutcome } from './queue.ts';

/** SQS's limits for a batch, and how many travel at a time from one process to one queue. */
const BATCH = {
  maxEntries: 10,
  maxBytes: 1024 * 1024,
  maxCalls: 4,
  maxGatherMs: 100,
};

/** A long enough time for a call that does not wait: SQS answers in 10 to 20 ms. */
const REQUEST = { requestTimeout: 5_000 };

/** Sends single messages to one queue, together where they come together. Rejects with an AwsCallError. */
export function messageSender(
  client: SQSClient,
  queueUrl: string,
): (message: OutgoingMessage) => Promise<'sent'> {
  const fifo = queueUrl.endsWith('.fifo');
  return coalesce<OutgoingMessage, 'sent'>({
    ...BATCH,
    bytesOf: messageBytes,
    orderKeyOf: (message) => (fifo ? message.groupId : undefined),
    sendBatch: async (messages) => {
      const operation = 'SendMessageBatch';
      const answer = await callAws(operation, () =>
        client.send(
          new SendMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: messages.map((message, index) => toEntry(message, index, fifo)),
          }),
          REQUEST,
        ),
      );
      return entryOutcomes(operation, messages.length, answer, () => 'sent');
    },
  });
}

/** Deletes single messages of one queue, together where they come together. */
export function messageDeleter(
  client: SQSClient,
  queueUrl: string,
): (receipt: string) => Promise<ReceiptOutcome> {
  return coalesce<string, ReceiptOutcome>({
    ...BATCH,
    bytesOf: () => 0,
    orderKeyOf: (receipt) => receipt,
    sendBatch: async (receipts) => {
      const operation = 'DeleteMessageBatch';
      const answer = await callAws(operation, () =>
        client.send(
          new DeleteMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: receipts.map((receipt, index) => ({
              Id: String(index),
              ReceiptHandle: receipt,
            })),
          }),
          REQUEST,
        ),
      );
      return entryOutcomes(operation, receipts.length, answer, () => 'done', receiptInvalid);
    },
  });
}

/** A message is to become visible `seconds` from now. */
export interface VisibilityChange {
  receipt: string;
  seconds: number;
}

/**
 * Changes the visibility of single messages of one queue, together where they come together. Changes to
 * one receipt take effect in the order they were asked for (P6).
 */
export function visibilityChanger(
  client: SQSClient,
  queueUrl: string,
): (change: VisibilityChange) => Promise<ReceiptOutcome> {
  return coalesce<VisibilityChange, ReceiptOutcome>({
    ...BATCH,
    bytesOf: () => 0,
    orderKeyOf: ({ receipt }) => receipt,
    sendBatch: async (changes) => {
      const operation = 'ChangeMessageVisibilityBatch';
      const answer = await callAws(operation, () =>
        client.send(
          new ChangeMessageVisibilityBatchCommand({
            QueueUrl: queueUrl,
            Entries: changes.map(({ receipt, seconds }, index) => ({
              Id: String(index),
              ReceiptHandle: receipt,
              VisibilityTimeout: seconds,
            })),
          }),
          REQUEST,
        ),
      );
      return entryOutcomes(operation, changes.length, answer, () => 'done', receiptInvalid);
    },
  });
}

const receiptInvalid = (error: AwsCallError): ReceiptOutcome | undefined =>
  isReceiptInvalid(error) ? 'receipt-invalid' : undefined;

/**
 * The outcome of each entry; entry ids are their positions. `onFailure` may know an outcome for a failed
 * entry; else it rejects.
 */
function entryOutcomes<Outcome>(
  operation: string,
  count: number,
  answer: {
    Successful?: { Id?: string | undefined }[] | undefined;
    Failed?: BatchResultErrorEntry[] | undefined;
  },
  onSuccess: () => Outcome,
  onFailure: (error: AwsCallError) => Outcome | undefined = () => undefined,
): PromiseSettledResult<Outcome>[] {
  const successful = new Set(answer.Successful?.map(({ Id }) => Id));
  const failed = new Map(answer.Failed?.map((failure) => [failure.Id, failure]));
  return Array.from({ length: count }, (_, index): PromiseSettledResult<Outcome> => {
    const id = String(index);
    if (successful.has(id)) return { status: 'fulfilled', value: onSuccess() };
    const error = entryError(operation, failed.get(id));
    const outcome = onFailure(error);
    return outcome === undefined
      ? { status: 'rejected', reason: error }
      : { status: 'fulfilled', value: outcome };
  });
}

function entryError(operation: string, failure: BatchResultErrorEntry | undefined): AwsCallError {
  return failure === undefined
    ? new AwsCallError(operation, {
        code: 'NoAnswer',
        message: 'the answer to the batch names no outcome for this entry',
      })
    : new AwsCallError(operation, {
        code: failure.Code ?? 'Unknown',
        message: failure.Message ?? 'no message',
        statusCode: failure.SenderFault ? 400 : 500,
      });
}

function toEntry(
  message: OutgoingMessage,
  index: number,
  fifo: boolean,
): SendMessageBatchRequestEntry {
  return {
    Id: String(index),
    MessageBody: message.body,
    MessageAttributes: toMessageAttributes(message.attributes ?? {}),
    ...(fifo
      ? { MessageGroupId: message.groupId, MessageDeduplicationId: message.deduplicationId }
      : { DelaySeconds: message.delaySeconds }),
  };
}

function toMessageAttributes(
  attributes: Readonly<Record<string, string>>,
): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      { DataType: 'String', StringValue: value },
    ]),
  );
}

/** As SQS counts it: the body, and each attribute's name, type and value. */
function messageBytes({ body, attributes = {} }: OutgoingMessage): number {
  return Object.entries(attributes).reduce(
    (sum, [name, value]) =>
      sum + Buffer.byteLength(name) + 'String'.length + Buffer.byteLength(value),
    Buffer.byteLength(body),
  );
}
