import { expect } from 'vitest';

import { expectError } from '@labelfleet/testkit/expect-error';
import { createQueue } from '@labelfleet/testkit/test-queue';
import { startingWith, type Table } from '../case.ts';
import { sqsApi } from '../sources.ts';

/** Cases that each start with a queue that has a message. */
const withMessage = startingWith(async ({ sqs }) => {
  const queue = await createQueue(sqs);
  await queue.send('m');
  return { queue };
});

export const receiptsTable: Table = {
  title: 'a receipt',
  cases: withMessage(
    {
      id: 'sqs-receipt-invalid',
      sentence: 'that is none is refused',
      source: sqsApi('DeleteMessage'),
      run: async ({ queue }) => {
        const none = { ReceiptHandle: 'nonsense' };
        await expectError(queue.delete(none), 'ReceiptHandleIsInvalid');
        await expectError(queue.hide(none, 1), 'ReceiptHandleIsInvalid');
      },
    },
    {
      id: 'sqs-receipt-other-queue',
      sentence: 'of another queue is refused',
      source: sqsApi('DeleteMessage'),
      run: async ({ sqs, queue }) => {
        const message = await queue.receiveOne();
        const other = await createQueue(sqs);
        await expectError(other.delete(message), 'ReceiptHandleIsInvalid');
      },
    },
    {
      id: 'sqs-receipt-older',
      sentence:
        'of an earlier receive still changes the visibility, even if another receiver has the message',
      source: sqsApi('ChangeMessageVisibility'),
      needs: ['exact'],
      run: async ({ queue }) => {
        const first = await queue.receiveOne({ VisibilityTimeout: 0 });
        await queue.receiveOne({ VisibilityTimeout: 30 });
        await queue.hide(first, 0);
        expect((await queue.receiveOne({ WaitTimeSeconds: 0 })).Body).toBe('m');
      },
    },
    {
      id: 'sqs-receipt-older-delete',
      sentence: 'of an earlier receive deletes, even if another receiver has the message',
      source: sqsApi('DeleteMessage'),
      needs: ['exact'],
      run: async ({ queue }) => {
        const first = await queue.receiveOne({ VisibilityTimeout: 0 });
        const second = await queue.receiveOne();
        await queue.delete(first);
        expect(await queue.counts()).toEqual([0, 0, 0]);
        await queue.delete(second);
      },
    },
    {
      id: 'sqs-receipt-deleted',
      sentence: 'of a message that was deleted deletes again, and extends no more',
      source: sqsApi('ChangeMessageVisibility'),
      run: async ({ queue }) => {
        const message = await queue.receiveOne();
        await queue.delete(message);
        await queue.delete(message);
        await expectError(queue.hide(message, 10), 'InvalidParameterValue');
      },
    },
    {
      id: 'sqs-receipt-lapsed',
      sentence: 'whose time-out has passed makes the message invisible again, and deletes it',
      source: sqsApi('ChangeMessageVisibility'),
      needs: ['exact'],
      run: async ({ queue }) => {
        const message = await queue.receiveOne({ VisibilityTimeout: 0 });
        expect(await queue.counts()).toEqual([1, 0, 0]);
        await queue.hide(message, 30);
        expect(await queue.counts()).toEqual([0, 1, 0]);
        expect(await queue.receive()).toEqual([]);
        await queue.hide(message, 0);
        expect(await queue.counts()).toEqual([1, 0, 0]);
        await queue.delete(message);
        expect(await queue.counts()).toEqual([0, 0, 0]);
      },
    },
  ),
};
