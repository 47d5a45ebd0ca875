import { describe, test } from 'vitest';
import { AwsCallError, hasCode, isTransient, QUEUE_GONE_CODES } from '../../errors.ts';
import { bodies, receive, type QueueBench } from './bench.ts';

/** Checks how calls on a deleted queue fail. */
export function deletedQueueCases({ sqs, newQueue }: QueueBench): void {
  describe.concurrent('a queue that does not exist', () => {
    test('rejects calls with an error that is not transient', async ({ expect }) => {
      const queue = await newQueue();
      await sqs().admin.delete(queue.url);
      const error = await receive(queue).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(AwsCallError);
      expect(hasCode(error, QUEUE_GONE_CODES)).toBe(true);
      expect(isTransient(error)).toBe(false);
      await expect(queue.send({ body: 'a' })).rejects.toThrow(AwsCallError);
    });

    test('is the outcome queue-gone of the sender', async ({ expect }) => {
      const queue = await newQueue();
      const { sender, admin } = sqs();
      expect(await sender.send(queue.url, { body: 'a' })).toBe('sent');
      expect(bodies(await receive(queue))).toEqual(['a']);
      expect(await admin.delete(queue.url)).toBe('deleted');
      expect(await sender.send(queue.url, { body: 'b' })).toBe('queue-gone');
      expect(await admin.delete(queue.url)).toBe('queue-gone');
    });
  });
}

/** Checks how queues are created, tagged, listed and deleted. */
export function queueAdminCases({ sqs, newQueue }: QueueBench): void {
  describe.concurrent('the queue admin', () => {
    const options = { retentionSeconds: 3600, tags: { 'alive-at': 'now' } };

    test('creates and tags queues', async ({ expect }) => {
      const { admin } = sqs();
      const url = await admin.create('contract-replies', options);
      await admin.tag(url, { 'alive-at': 'later' });
      const queue = sqs().queue(url);
      await queue.send({ body: 'a' });
      expect(bodies(await receive(queue))).toEqual(['a']);
    });

    test('lists queues by the prefix of their names and reads their tags', async ({ expect }) => {
      const { admin } = sqs();
      const urls = await Promise.all(
        ['contract-list-a', 'contract-list-b', 'contract-other-list'].map((name) =>
          admin.create(name, options),
        ),
      );
      const [a = '', b = ''] = urls;
      expect((await admin.list('contract-list-')).sort()).toEqual([a, b]);
      expect(await admin.list('contract-nothing-')).toEqual([]);
      await admin.tag(a, { 'alive-at': 'later', colour: 'red' });
      expect(await admin.tags(a)).toEqual({ 'alive-at': 'later', colour: 'red' });
      await admin.delete(b);
      expect(await admin.tags(b)).toBe('queue-gone');
      expect(await admin.tags((await newQueue()).url)).toEqual({});
    });

    test('rejects the name of a queue that was just deleted', async ({ expect }) => {
      const { admin } = sqs();
      await admin.delete(await admin.create('contract-deleted', options));
      await expect(admin.create('contract-deleted', options)).rejects.toMatchObject({
        code: 'QueueDeletedRecently',
      });
    });
  });
}
