import { expect, test } from 'vitest';

import { QueueClock, SYSTEM_TIME } from './queue-clock.ts';
import { Queue } from './queue.ts';

const NOBODY_GOES = new AbortController().signal;

function newQueue(): Queue {
  const nothing = () => {};
  return new Queue(
    { name: 'q', attributes: {}, tags: {}, createdAtMs: 0, modifiedAtMs: 0 },
    {
      arn: 'arn:aws:sqs:us-east-1:000000000000:q',
      url: () => 'http://127.0.0.1/q',
      changes: {
        added: nothing,
        changed: nothing,
        removed: nothing,
        described: nothing,
        sentOnce: { save: nothing, remove: nothing },
      },
      moveToDeadLetters: () => false,
      clock: new QueueClock(SYSTEM_TIME, 0),
    },
  );
}

const send = (queue: Queue, body: string, delayMs = 0) =>
  queue.send(
    { body, attributes: {}, systemAttributes: {}, groupId: undefined, deduplicationId: undefined },
    delayMs,
  );

function poll(queue: Queue, options: { max?: number; waitMs?: number; gone?: AbortSignal } = {}) {
  const { max = 1, waitMs = 20_000, gone = NOBODY_GOES } = options;
  return queue
    .receive({ max, visibilityMs: 30_000, waitMs }, gone)
    .then((messages) => messages.map(({ body }) => body));
}

test('serves polls in the order of arrival, one per message', async () => {
  const queue = newQueue();
  const polls = [poll(queue), poll(queue), poll(queue)];
  send(queue, 'first');
  send(queue, 'second');
  expect(await Promise.all(polls.slice(0, 2))).toEqual([['first'], ['second']]);
  queue.close();
  expect(await polls[2]).toEqual([]);
});

test('delivers messages of several sends in one turn to one poll', async () => {
  const queue = newQueue();
  const first = poll(queue, { max: 10 });
  for (const body of ['a', 'b', 'c']) send(queue, body);
  expect(await first).toEqual(['a', 'b', 'c']);
});

test('does not deliver to a short poll what a waiting poll gets first', async () => {
  const queue = newQueue();
  const waiting = poll(queue);
  send(queue, 'm');
  expect(await poll(queue, { waitMs: 0 })).toEqual([]);
  expect(await waiting).toEqual(['m']);
});

test('delivers to a short poll what waiting polls leave', async () => {
  const queue = newQueue();
  const waiting = poll(queue);
  send(queue, 'a');
  send(queue, 'b');
  expect(await poll(queue, { waitMs: 0 })).toEqual(['b']);
  expect(await waiting).toEqual(['a']);
});

test('delivers nothing to a poll whose client disconnects in the same turn', async () => {
  const queue = newQueue();
  const gone = new AbortController();
  const left = poll(queue, { gone: gone.signal });
  const stays = poll(queue);
  send(queue, 'm');
  gone.abort();
  expect(await left).toEqual([]);
  expect(await stays).toEqual(['m']);
});

test('delivers a delayed message to a waiting poll when it is due', async () => {
  const queue = newQueue();
  const waiting = poll(queue);
  send(queue, 'later', 20);
  expect(queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 1 });
  expect(await waiting).toEqual(['later']);
});

test('delivers the message of an undone receive to the next poll', async () => {
  const queue = newQueue();
  send(queue, 'm');
  const options = { max: 1, visibilityMs: 30_000, waitMs: 0 };
  const messages = await queue.receive(options, NOBODY_GOES);
  const waiting = poll(queue);
  queue.undoReceive(messages);
  expect(await waiting).toEqual(['m']);
  expect(queue.find(messages[0]?.id ?? '')?.receiveCount).toBe(1);
});

test('refuses a short poll and lets a long poll wait at 120,000 messages in flight', async () => {
  const queue = newQueue();
  for (let index = 0; index <= 120_000; index += 1) send(queue, 'm');
  await poll(queue, { max: 120_000 });
  expect(queue.counts()).toEqual({ visible: 1, inFlight: 120_000, delayed: 0 });
  await expect(poll(queue, { waitMs: 0 })).rejects.toMatchObject({ code: 'OverLimit' });
  expect(await poll(queue, { waitMs: 1 })).toEqual([]);
});
