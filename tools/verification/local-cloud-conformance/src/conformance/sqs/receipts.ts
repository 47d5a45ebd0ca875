import { expect } from 'vitest';

import type { Table } from '../case.ts';
import { sqsApi } from '../sources.ts';
import { createQueue } from '../test-queue.ts';

export const receiptsTable: Table = {
  title: 'a receipt',
  cases: [
    {
      id: 'sqs-receipt-invalid',
      sentence: 'that is none is refused',
      source: sqsApi('DeleteMessage'),
      run: async ({ sqs }) => {
        const queue = await createQueue(sqs);
        const refused = { name: 'ReceiptHandleIsInvalid' };
        const none = { ReceiptHandle: 'nonsense' };
        await expect(queue.delete(none)).rejects.toMatchObject(refused);
        await expect(queue.hide(none, 1)).rejects.toMatchObject(refused);
      },
    },
    {
      id: 'sqs-receipt-other-queue',
      sentence: 'of another queue is refused',
      source: sqsApi('DeleteMessage'),
      run: async ({ sqs }) => {
        const queue = await createQueue(sqs);
        await queue.send('m');
        const message = await queue.receiveOne();
        await expect((await createQueue(sqs)).delete(message)).rejects.toMatchObject({
          name: 'ReceiptHandleIsInvalid',
        });
      },
    },
    {
      id: 'sqs-receipt-older',
      sentence:
        'of an earlier receive still changes the visibility, even if another receiver has the message',
      source: sqsApi('ChangeMessageVisibility'),
      needs: ['exact'],
      run: async ({ sqs }) => {
        const queue = await createQueue(sqs);
        await queue.send('m');
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
      run: async ({ sqs }) => {
        const queue = await createQueue(sqs);
        await queue.send('m');
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
      run: async ({ sqs }) => {
        const queue = await createQueue(sqs);
        await queue.send('m');
        const message = await queue.receiveOne();
        await queue.delete(message);
        await queue.delete(message);
        await expect(queue.hide(message, 10)).rejects.toMatchObject({
          name: 'InvalidParameterValue',
        });
      },
    },
    {
      id: 'sqs-receipt-lapsed',
      sentence: 'whose time-out has passed makes the message invisible again, and deletes it',
      source: sqsApi('ChangeMessageVisibility'),
      needs: ['exact'],
      run: async ({ sqs }) => {
        const queue = await createQueue(sqs);
        await queue.send('m');
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
  ],
};
