import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { openSqliteStorage } from '../storage/sqlite-storage.ts';
import type { Storage } from '../storage/storage.ts';
import type { Message } from './message.ts';
import type { NewMessage, Queue } from './queue.ts';
import { Queues } from './queues.ts';

const NOBODY_GOES = new AbortController().signal;

let folder: string;
let storage: Storage;
let queues: Queues;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-cloud-queues-'));
  open();
});
afterEach(() => {
  vi.useRealTimers();
  storage.close();
  rmSync(folder, { recursive: true });
});

function open(): void {
  storage = openSqliteStorage(join(folder, 'state.db'));
  queues = new Queues({ region: 'us-east-1', endpoint: () => 'http://127.0.0.1:1' }, storage);
}

/** As after an end without goodbye: only what was committed is there. */
async function restart(): Promise<void> {
  await storage.committed();
  queues.close();
  const before = storage;
  open();
  before.close();
}

const send = (queue: Queue, body: string, more: Partial<NewMessage> & { delayMs?: number } = {}) =>
  queue.send(
    {
      body,
      attributes: {},
      systemAttributes: {},
      groupId: undefined,
      deduplicationId: undefined,
      ...more,
    },
    more.delayMs ?? 0,
  );

const receive = (queue: Queue, max = 10, visibilityMs = 30_000) =>
  queue.receive({ max, visibilityMs, waitMs: 0 }, NOBODY_GOES);

const bodies = (messages: readonly Message[]) => messages.map(({ body }) => body);

test('a queue is what it was: attributes, tags, times, and its messages with all that they carry', async () => {
  const before = queues.create('q', { VisibilityTimeout: '7' }, { a: '1' });
  before.setAttributes({ DelaySeconds: '3' });
  before.setTags({ a: '2', b: '3' });
  const sent = send(before, 'body', {
    attributes: { colour: { DataType: 'String', StringValue: 'red' } },
    systemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1' } },
  });
  await restart();
  const after = queues.byName('q');
  expect(after.attributes).toEqual({ VisibilityTimeout: '7', DelaySeconds: '3' });
  expect(after.tags).toEqual({ a: '2', b: '3' });
  expect(after.createdAtMs).toBe(before.createdAtMs);
  expect(after.modifiedAtMs).toBe(before.modifiedAtMs);
  expect(after.find(sent.id)).toEqual(sent);
});

test('a message in flight stays so, with its count, its times, its deadline and its receipt', async () => {
  const before = queues.create('q', {}, {});
  send(before, 'held');
  send(before, 'back');
  send(before, 'later', { delayMs: 60_000 });
  const [held, back] = await receive(before, 2);
  if (held === undefined || back === undefined) throw new Error('no messages');
  before.changeVisibility(held, 90_000);
  before.changeVisibility(back, 0);
  await restart();
  const after = queues.byName('q');
  expect(after.counts()).toEqual({ visible: 1, inFlight: 1, delayed: 1 });
  expect(after.find(held.id)).toEqual(held);
  const [again] = await receive(after);
  expect(again).toMatchObject({ id: back.id, receiveCount: 2 });
  expect(again?.firstReceivedAtMs).toBe(back.firstReceivedAtMs);
});

test('what was deleted, purged or moved to the dead letters stays so', async () => {
  const arn = 'arn:aws:sqs:us-east-1:000000000000:dead';
  const dead = queues.create('dead', {}, {});
  const redrive = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 1 });
  const queue = queues.create('q', { RedrivePolicy: redrive }, {});
  const purged = queues.create('purged', {}, {});
  for (const body of ['deleted', 'dead']) send(queue, body);
  send(purged, 'gone');
  const [first] = await receive(queue, 10, 0);
  if (first !== undefined) queue.delete(first);
  expect(await receive(queue)).toEqual([]); // received once too often: it moves
  purged.purge();
  await restart();
  expect(queues.byName('q').counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  expect(queues.byName('purged').counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  expect(await receive(queues.byName('dead'))).toMatchObject([
    { body: 'dead', receiveCount: 2, deadLetterSourceArn: queue.arn },
  ]);
  expect(dead.counts().visible).toBe(1); // the old process's view, long gone
});

test('a FIFO queue keeps its order, its locks, its numbers, and knows what it has been sent', async () => {
  const fifo = { FifoQueue: 'true' };
  const before = queues.create('q.fifo', fifo, {});
  for (const body of ['a1', 'a2', 'b1', 'a3']) {
    const sent = send(before, body, { groupId: body.slice(0, 1), deduplicationId: body });
    before.deduplication.remember(
      `/${body}`,
      { messageId: sent.id, sequence: sent.sequence },
      sent.sentAtMs,
    );
  }
  const [a1] = await receive(before, 1);
  if (a1 === undefined) throw new Error('no message');
  await restart();
  const after = queues.byName('q.fifo');
  expect(bodies(await receive(after))).toEqual(['b1']); // a is locked
  expect(after.deduplication.find('/a2', after.nowMs())).toMatchObject({ sequence: 2 });
  const held = after.find(a1.id);
  if (held !== undefined) after.delete(held);
  const late = send(after, 'a4', { groupId: 'a', deduplicationId: 'a4' });
  expect(late.sequence).toBeGreaterThan(4);
  expect(bodies(await receive(after))).toEqual(['a2', 'a3', 'a4']);
});

test('a deleted queue stays deleted, and its name blocked', async () => {
  const queue = queues.create('q', {}, {});
  send(queue, 'gone with it');
  queues.delete(queue);
  await restart();
  expect(queues.all()).toEqual([]);
  expect(() => queues.create('q', {}, {})).toThrow('wait 60 seconds');
});

test('a clock that is set back, and a restart after that, keep no message away', async () => {
  const before = queues.create('q', {}, {});
  send(before, 'held');
  send(before, 'later', { delayMs: 60_000 });
  const [held] = await receive(before, 1, 30_000);
  if (held === undefined) throw new Error('no message');
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
  before.changeVisibility(held, 20_000);
  send(before, 'sent then');
  expect(bodies(await receive(before, 10, 10_000))).toEqual(['sent then']);
  await restart();
  const after = queues.byName('q');
  const leftMs = after.peek(10).map(({ availableAtMs }) => availableAtMs - after.nowMs());
  const [heldMs = 0, delayedMs = 0, sentMs = 0] = leftMs;
  expect(heldMs).toBeLessThanOrEqual(20_000);
  expect(delayedMs).toBeLessThanOrEqual(60_000);
  expect(sentMs).toBeLessThanOrEqual(10_000);
});
