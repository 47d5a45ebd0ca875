import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { callAws, isReceiptInvalid, type AwsCallError } from '../errors.ts';
import { entryOutcomes, type BatchResponse } from './batch-outcomes.ts';
import { createBatcher } from './batcher.ts';
import { messageBytes, toEntry } from './message-entry.ts';
import type { OutgoingMessage, ReceiptOutcome } from './queue.ts';

/** SQS's limits for a batch, and how many travel at a time from one process to one queue. */
const BATCH = {
  maxEntries: 10,
  maxBytes: 1024 * 1024,
  maxCalls: 4,
  maxWaitMs: 100,
};

/** Ample for a call that does not wait: SQS answers in 10 to 20 ms. */
export const REQUEST = { requestTimeout: 5_000 };

/** Sends single messages to one queue, together where they come together. Rejects with an AwsCallError. */
export function messageSender(
  client: SQSClient,
  queueUrl: string,
): (message: OutgoingMessage, signal?: AbortSignal) => Promise<'sent'> {
  const operation = 'SendMessageBatch';
  const fifo = queueUrl.endsWith('.fifo');
  return createBatcher({
    ...BATCH,
    bytesOf: messageBytes,
    orderKeyOf: (message) => (fifo ? message.groupId : undefined),
    sendBatch: async (messages) => {
      const Entries = messages.map((message, index) => toEntry(message, index, fifo));
      const answer = await callAws(operation, () =>
        client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }), REQUEST),
      );
      return entryOutcomes(operation, messages.length, answer, 'sent');
    },
  });
}

/** Deletes single messages of one queue, together where they come together. */
export function messageDeleter(
  client: SQSClient,
  queueUrl: string,
): (receipt: string) => Promise<ReceiptOutcome> {
  return byReceipt<string>(
    'DeleteMessageBatch',
    (receipt) => receipt,
    (receipts) => {
      const Entries = receipts.map((ReceiptHandle, index) => ({
        Id: String(index),
        ReceiptHandle,
      }));
      return client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }), REQUEST);
    },
  );
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
  return byReceipt<VisibilityChange>(
    'ChangeMessageVisibilityBatch',
    ({ receipt }) => receipt,
    (changes) => {
      const Entries = changes.map(({ receipt, seconds }, index) => ({
        Id: String(index),
        ReceiptHandle: receipt,
        VisibilityTimeout: seconds,
      }));
      return client.send(
        new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }),
        REQUEST,
      );
    },
  );
}

function byReceipt<Entry>(
  operation: string,
  receiptOf: (entry: Entry) => string,
  send: (entries: Entry[]) => Promise<BatchResponse>,
): (entry: Entry) => Promise<ReceiptOutcome> {
  const failed = (error: AwsCallError): ReceiptOutcome | undefined =>
    isReceiptInvalid(error) ? 'receipt-invalid' : undefined;
  return createBatcher<Entry, ReceiptOutcome>({
    ...BATCH,
    // Ten receipts never come near the limit.
    bytesOf: () => 0,
    orderKeyOf: receiptOf,
    sendBatch: async (entries) => {
      const answer = await callAws(operation, () => send(entries));
      return entryOutcomes(operation, entries.length, answer, 'done', failed);
    },
  });
}
