import { expect, vi } from 'vitest';

import type { TestQueue } from '@labelfleet/testkit/test-queue';
import { withQueue, type Table } from '../case.ts';
import { sqsApi, sqsGuide } from '../sources.ts';

/** Waits until the server has a poll: two calls that were made after it have been answered. */
async function untilWaiting(queue: TestQueue): Promise<void> {
  await queue.counts();
  await queue.counts();
}

export const longPollsTable: Table = {
  title: 'a long poll',
  cases: [
    ...withQueue()(
      {
        id: 'sqs-poll-answered',
        sentence: 'is answered by the send, not at its end',
        source: sqsGuide('sqs-short-and-long-polling'),
        run: async ({ queue }) => {
          const poll = queue.bodies({ WaitTimeSeconds: 20 });
          await queue.send('m');
          expect(await poll).toEqual(['m']);
        },
      },
      {
        id: 'sqs-poll-order',
        sentence: 'of several: each message wakes one, in the order they came, the others wait on',
        needs: ['exact'],
        run: async ({ queue }) => {
          const polls = [];
          for (const WaitTimeSeconds of [20, 20, 20, 2]) {
            polls.push(queue.bodies({ WaitTimeSeconds }));
            await untilWaiting(queue);
          }
          for (const body of ['first', 'second', 'third']) await queue.send(body);
          expect(await Promise.all(polls)).toEqual([['first'], ['second'], ['third'], []]);
        },
      },
      {
        id: 'sqs-poll-aborted',
        sentence: 'whose client has gone takes no message',
        needs: ['exact'],
        run: async ({ queue }) => {
          for (let round = 0; round < 50; round += 1) {
            const gone = new AbortController();
            const poll = queue.receive({ WaitTimeSeconds: 20 }, gone.signal);
            await queue.counts();
            gone.abort();
            await expect(poll).rejects.toThrow();
            await queue.send('m');
            // A poll whose client has already disconnected is dropped within one turn of the event loop.
            const visible = async () => expect(await queue.counts()).toEqual([1, 0, 0]);
            await vi.waitFor(visible, { interval: 5 });
            const message = await queue.receiveOne();
            expect(message.Attributes?.ApproximateReceiveCount).toBe('1');
            await queue.delete(message);
          }
        },
      },
      {
        id: 'sqs-poll-next',
        sentence: 'whose client has gone leaves the message to the next in line',
        needs: ['exact'],
        run: async ({ queue }) => {
          const gone = new AbortController();
          const first = queue.receive({ WaitTimeSeconds: 20 }, gone.signal);
          await untilWaiting(queue);
          const second = queue.receive({ WaitTimeSeconds: 20 });
          await untilWaiting(queue);
          gone.abort();
          await expect(first).rejects.toThrow();
          await queue.send('m');
          expect((await second)[0]?.Attributes?.ApproximateReceiveCount).toBe('1');
        },
      },
    ),
    ...withQueue({ ReceiveMessageWaitTimeSeconds: '20' })({
      id: 'sqs-poll-default',
      sentence: 'waits for as long as its queue says when it does not say itself',
      source: sqsApi('CreateQueue'),
      run: async ({ queue }) => {
        const poll = queue.bodies();
        await untilWaiting(queue);
        await queue.send('m');
        expect(await poll).toEqual(['m']);
      },
    }),
  ],
};
