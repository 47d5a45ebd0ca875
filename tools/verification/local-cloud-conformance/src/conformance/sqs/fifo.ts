import { expect } from 'vitest';

import { expectError } from '@labelfleet/testkit/expect-error';
import { withQueue, type QueueCase, type Table } from '../case.ts';
import { sqsApi, sqsGuide } from '../sources.ts';
import { FIFO, inGroup } from './fifo-ids.ts';
import { fifoDeduplication } from './fifo-deduplication.ts';
import { fifoParameters } from './fifo-parameters.ts';

const LOGIC = sqsGuide('FIFO-queues-understanding-logic');

const order = withQueue(FIFO)(
  {
    id: 'sqs-fifo-order',
    sentence: 'delivers a group in order, several at once, and none behind one in flight',
    source: LOGIC,
    run: async ({ queue }) => {
      for (const body of ['a1', 'a2', 'a3', 'a4']) await queue.send(body, inGroup('a', body));
      const [first = {}, second = {}] = await queue.receive({ MaxNumberOfMessages: 2 });
      expect([first.Body, second.Body]).toEqual(['a1', 'a2']);
      expect(await queue.receive()).toEqual([]);
      await queue.delete(first);
      expect(await queue.receive()).toEqual([]);
      await queue.hide(second, 0);
      expect(await queue.bodies()).toEqual(['a2', 'a3', 'a4']);
    },
  },
  {
    id: 'sqs-fifo-groups',
    sentence: 'does not let one group wait for another',
    source: LOGIC,
    run: async ({ queue }) => {
      await queue.send('a1', inGroup('a', 'a1'));
      await queue.send('a2', inGroup('a', 'a2'));
      await queue.send('b1', inGroup('b', 'b1'));
      expect((await queue.receiveOne()).Body).toBe('a1');
      expect(await queue.bodies()).toEqual(['b1']);
    },
  },
  {
    id: 'sqs-fifo-wake',
    sentence: 'wakes a poll when the group becomes free',
    source: LOGIC,
    run: async ({ queue }) => {
      await queue.send('a1', inGroup('a', 'a1'));
      await queue.send('a2', inGroup('a', 'a2'));
      const first = await queue.receiveOne();
      const poll = queue.bodies({ WaitTimeSeconds: 20 });
      await queue.delete(first);
      expect(await poll).toEqual(['a2']);
    },
  },
  {
    id: 'sqs-fifo-receipt',
    sentence: 'refuses a receipt whose time-out has passed, or of an earlier receive',
    source: sqsApi('DeleteMessage'),
    run: async ({ queue }) => {
      const expired = async (call: Promise<unknown>) => {
        const says = expect.stringContaining('expired') as string;
        await expectError(call, 'InvalidParameterValue', 400, says);
      };
      await queue.send('m', inGroup('g', '1'));
      const message = await queue.receiveOne({ VisibilityTimeout: 0 });
      await expired(queue.delete(message));
      const second = await queue.receiveOne();
      await expired(queue.delete(message));
      await expired(queue.hide(message, 10));
      await queue.hide(second, 10);
      await queue.delete(second);
    },
  },
  ...[0, 1, 2].map((index): QueueCase => ({
    id: `sqs-fifo-extended-${index}`,
    sentence: `delivers again what is before message ${index + 1} of a group while that is kept`,
    source: LOGIC,
    needs: ['exact'],
    run: async ({ queue }) => {
      const bodies = ['a', 'b', 'c'];
      for (const body of bodies) await queue.send(body, inGroup('g', body));
      const received = await queue.receive({ MaxNumberOfMessages: 10 });
      for (const [other, message] of received.entries()) {
        await queue.hide(message, other === index ? 30 : 0);
      }
      expect(await queue.bodies()).toEqual(bodies.slice(0, index));
    },
  })),
);

export const fifoTable: Table = {
  title: 'a FIFO queue',
  cases: [...order, ...fifoDeduplication, ...fifoParameters],
};
