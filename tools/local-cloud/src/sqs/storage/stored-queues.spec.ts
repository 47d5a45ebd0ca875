import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { openSqliteStorage } from '../../storage/sqlite-storage.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Message, NewMessage } from '../message/message.ts';
import type { Queue } from '../queue/queue.ts';
import { Queues } from '../queues.ts';

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

/** Reopens the state as after a crash, with committed changes only. */
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

test('restores a queue with its attributes, tags, times and messages', async () => {
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

test('restores a message in flight with its receive count, times, timeout and receipt', async () => {
  const before = queues.create('q', {}, {});
  send(before, 'inFlight');
  send(before, 'released');
  send(before, 'later', { delayMs: 60_000 });
  const [inFlight, released] = await receive(before, 2);
  if (inFlight === undefined || released === undefined) throw new Error('no messages');
  before.changeVisibility(inFlight, 90_000);
  before.changeVisibility(released, 0);
  await restart();
  const after = queues.byName('q');
  expect(after.counts()).toEqual({ visible: 1, inFlight: 1, delayed: 1 });
  expect(after.find(inFlight.id)).toEqual(inFlight);
  const [again] = await receive(after);
  expect(again).toMatchObject({ id: released.id, receiveCount: 2 });
  expect(again?.firstReceivedAtMs).toBe(released.firstReceivedAtMs);
});

test('does not restore messages that were deleted, purged or moved to the dead-letter queue', async () => {
  const arn = 'arn:aws:sqs:us-east-1:000000000000:dead';
  const dead = queues.create('dead', {}, {});
  const redrive = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 1 });
  const queue = queues.create('q', { RedrivePolicy: redrive }, {});
  const purged = queues.create('purged', {}, {});
  for (const body of ['deleted', 'dead']) send(queue, body);
  send(purged, 'gone');
  const [first] = await receive(queue, 10, 0);
  if (first !== undefined) queue.delete(first);
  expect(await receive(queue)).toEqual([]); // it was received too often, so it moves
  purged.purge();
  await restart();
  expect(queues.byName('q').counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  expect(queues.byName('purged').counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  expect(await receive(queues.byName('dead'))).toMatchObject([
    { body: 'dead', receiveCount: 2, deadLetterSourceArn: queue.arn },
  ]);
  expect(dead.counts().visible).toBe(1); // the view of the old process
});

test('restores the order, locked groups, sequence numbers and deduplication ids of a FIFO queue', async () => {
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
  expect(bodies(await receive(after))).toEqual(['b1']); // group a is locked
  expect(after.deduplication.find('/a2', after.nowMs())).toMatchObject({ sequence: 2 });
  const inFlight = after.find(a1.id);
  if (inFlight !== undefined) after.delete(inFlight);
  const late = send(after, 'a4', { groupId: 'a', deduplicationId: 'a4' });
  expect(late.sequence).toBeGreaterThan(4);
  expect(bodies(await receive(after))).toEqual(['a2', 'a3', 'a4']);
});

test('does not restore a deleted queue, and keeps its name blocked', async () => {
  const queue = queues.create('q', {}, {});
  send(queue, 'gone with it');
  queues.delete(queue);
  await restart();
  expect(queues.all()).toEqual([]);
  expect(() => queues.create('q', {}, {})).toThrow('wait 60 seconds');
});

test('delivers messages in time after the clock is set back and the server restarts', async () => {
  const before = queues.create('q', {}, {});
  send(before, 'inFlight');
  send(before, 'later', { delayMs: 60_000 });
  const [inFlight] = await receive(before, 1, 30_000);
  if (inFlight === undefined) throw new Error('no message');
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
  before.changeVisibility(inFlight, 20_000);
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
