import * as z from 'zod';

import { changeVisibilityByReceipt, deleteByReceipt } from '../queue/receipt.ts';
import { queueAction, within } from './action.ts';
import { batchOf, runBatch } from './batch.ts';

const receipt = { ReceiptHandle: z.string().min(1) };
const visibility = { ...receipt, VisibilityTimeout: within(0, 43_200) };

/** The actions of a consumer on a received message. */
export const receiptActions = [
  queueAction('DeleteMessage', receipt, (queue, { ReceiptHandle }) => {
    deleteByReceipt(queue, ReceiptHandle);
    return {};
  }),

  queueAction('DeleteMessageBatch', { Entries: batchOf(receipt) }, (queue, { Entries }) =>
    runBatch(Entries, ({ ReceiptHandle }) => {
      deleteByReceipt(queue, ReceiptHandle);
      return {};
    }),
  ),

  queueAction('ChangeMessageVisibility', visibility, (queue, input) => {
    changeVisibilityByReceipt(queue, input.ReceiptHandle, input.VisibilityTimeout);
    return {};
  }),

  queueAction(
    'ChangeMessageVisibilityBatch',
    { Entries: batchOf({ ...receipt, VisibilityTimeout: within(0, 43_200).default(0) }) },
    (queue, { Entries }) =>
      runBatch(Entries, ({ ReceiptHandle, VisibilityTimeout }) => {
        changeVisibilityByReceipt(queue, ReceiptHandle, VisibilityTimeout);
        return {};
      }),
  ),
];
