import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import type { SqsCaller } from '../direct/direct-sqs.ts';
import { isReceiptInvalid, type AwsCallError } from '../errors.ts';
import { entryOutcomes, type BatchResponse } from './batch-outcomes.ts';
import { createBatcher } from './batcher.ts';
import { messageBytes, toEntry } from './message-entry.ts';
import type { OutgoingMessage, ReceiptOutcome } from './queue.ts';

/** SQS's limits for a batch, and the limits of this process for one queue. */
const BATCH = {
  maxEntries: 10,
  maxBytes: 1024 * 1024,
  maxCalls: 4,
  maxWaitMs: 100,
};

/** @param lingerMs how long an entry waits for others; default: 0 ms */
const batching = (
  operation: string,
  { observer }: SqsCaller,
  lingerMs: (() => number) | undefined,
) => ({
  ...BATCH,
  ...(lingerMs && { lingerMs }),
  ...(observer && {
    onBatch: (waitedMs: number) => {
      observer.batched({ operation, waitedMs });
    },
  }),
});

/** For calls other than long polls. SQS usually answers in 10 to 20 ms. */
export const SHORT_CALL = { requestTimeout: 5_000 };

/** Returns a function that sends a message to one queue and batches concurrent sends. */
export function messageSender(
  caller: SqsCaller,
  queueUrl: string,
  lingerMs?: () => number,
): (message: OutgoingMessage, signal?: AbortSignal) => Promise<'sent'> {
  const operation = 'SendMessageBatch';
  const fifo = queueUrl.endsWith('.fifo');
  return createBatcher({
    ...batching(operation, caller, lingerMs),
    bytesOf: messageBytes,
    orderKeyOf: (message) => (fifo ? message.groupId : undefined),
    sendBatch: async (messages) => {
      const Entries = messages.map((message, index) => toEntry(message, index, fifo));
      const input = { QueueUrl: queueUrl, Entries };
      const answer = await caller.call(operation, input, SHORT_CALL, () =>
        caller.client.send(new SendMessageBatchCommand(input), SHORT_CALL),
      );
      return entryOutcomes(operation, messages.length, answer, 'sent');
    },
  });
}

/** Returns a function that deletes a message of one queue and batches concurrent deletes. */
export function messageDeleter(
  caller: SqsCaller,
  queueUrl: string,
  lingerMs?: () => number,
): (receipt: string) => Promise<ReceiptOutcome> {
  const operation = 'DeleteMessageBatch';
  return byReceipt<string>(
    caller,
    operation,
    (receipt) => receipt,
    (receipts) => {
      const Entries = receipts.map((ReceiptHandle, index) => ({
        Id: String(index),
        ReceiptHandle,
      }));
      const input = { QueueUrl: queueUrl, Entries };
      return caller.call(operation, input, SHORT_CALL, () =>
        caller.client.send(new DeleteMessageBatchCommand(input), SHORT_CALL),
      );
    },
    lingerMs,
  );
}

/** Makes a message visible `seconds` from now. */
export interface VisibilityChange {
  receipt: string;
  seconds: number;
}

/**
 * Returns a function that changes the visibility of a message of one queue and batches concurrent changes. Changes
 * with one receipt take effect in the order of the calls (P6).
 */
export function visibilityChanger(
  caller: SqsCaller,
  queueUrl: string,
): (change: VisibilityChange) => Promise<ReceiptOutcome> {
  const operation = 'ChangeMessageVisibilityBatch';
  return byReceipt<VisibilityChange>(
    caller,
    operation,
    ({ receipt }) => receipt,
    (changes) => {
      const Entries = changes.map(({ receipt, seconds }, index) => ({
        Id: String(index),
        ReceiptHandle: receipt,
        VisibilityTimeout: seconds,
      }));
      const input = { QueueUrl: queueUrl, Entries };
      return caller.call(operation, input, SHORT_CALL, () =>
        caller.client.send(new ChangeMessageVisibilityBatchCommand(input), SHORT_CALL),
      );
    },
  );
}

function byReceipt<Entry>(
  caller: SqsCaller,
  operation: string,
  receiptOf: (entry: Entry) => string,
  send: (entries: Entry[]) => Promise<BatchResponse>,
  lingerMs?: () => number,
): (entry: Entry) => Promise<ReceiptOutcome> {
  const failed = (error: AwsCallError): ReceiptOutcome | undefined =>
    isReceiptInvalid(error) ? 'receipt-invalid' : undefined;
  return createBatcher<Entry, ReceiptOutcome>({
    ...batching(operation, caller, lingerMs),
    // Ten receipts are far below the size limit.
    bytesOf: () => 0,
    orderKeyOf: receiptOf,
    sendBatch: async (entries) => {
      const answer = await send(entries);
      return entryOutcomes(operation, entries.length, answer, 'done', failed);
    },
  });
}
