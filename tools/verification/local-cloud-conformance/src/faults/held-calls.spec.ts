import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';

import { uniqueName, withLocalCloud } from '../conformance/clients.ts';
import { createQueue } from '../conformance/test-queue.ts';
import { FaultsClient } from '@labelfleet/testkit/faults-client';
import type { HeldCall } from '@labelfleet/testkit/faults-client';

const cloud = withLocalCloud();
const faults = new FaultsClient(() => cloud.cloud.endpoint);
afterEach(() => faults.clearAll());

const Bucket = 'pictures';
beforeAll(async () => void (await cloud.s3.send(new CreateBucketCommand({ Bucket }))));

async function held(): Promise<HeldCall[]> {
  const { text } = await faults.call('GET', '/held');
  return (JSON.parse(text) as { held: HeldCall[] }).held;
}
/** Waits for a held call. */
async function oneHeld(): Promise<HeldCall> {
  const [one, ...more] = await vi.waitUntil(async () => {
    const calls = await held();
    return calls.length > 0 && calls;
  });
  expect(more).toEqual([]);
  if (one === undefined) throw new Error('no call is held');
  return one;
}
const release = async (id: number) => (await faults.call('DELETE', `/held/${id}`)).status;

test('gives a call that is held before its effect its effect at the release', async () => {
  const queue = await createQueue(cloud.sqs);
  await faults.set({ id: 'here', kind: 'hold', action: 'SendMessage', match: { body: '*17*' } });
  await queue.send('order 16');
  const sending = queue.send('order 17');
  const call = await oneHeld();
  expect(call).toMatchObject({
    fault: 'here',
    action: 'sqs:SendMessage',
    when: 'before',
    facts: { queue: [queue.url.split('/').at(-1)], body: ['order 17'], caller: ['local'] },
  });
  expect(await queue.counts()).toEqual([1, 0, 0]);
  expect(await release(call.id)).toBe(200);
  await sending;
  expect(await queue.counts()).toEqual([2, 0, 0]);
  expect(await release(call.id)).toBe(404);
});

test('answers a call that is held after its effect at the release', async () => {
  await faults.set({ kind: 'hold', action: 'PutObject', when: 'after' });
  const object = { Bucket, Key: uniqueName('object') };
  const putting = cloud.s3.send(new PutObjectCommand({ ...object, Body: 'bytes' }));
  const call = await oneHeld();
  expect(call).toMatchObject({ when: 'after', facts: { bucket: [Bucket], key: [object.Key] } });
  await cloud.s3.send(new HeadObjectCommand(object));
  await release(call.id);
  await putting;
});

test('sends the whole body of an answer after the hold', async () => {
  const object = { Bucket, Key: uniqueName('object') };
  await cloud.s3.send(new PutObjectCommand({ ...object, Body: 'some bytes' }));
  await faults.set({ kind: 'hold', action: 'GetObject', when: 'after', seconds: 0.05 });
  const { Body } = await cloud.s3.send(new GetObjectCommand(object));
  expect(await Body?.transformToString()).toBe('some bytes');
});

test('drops the effect of a held call when its client disconnects', async () => {
  const queue = await createQueue(cloud.sqs);
  await queue.send('stays');
  await faults.set({ kind: 'hold', action: 'ReceiveMessage', count: 1 });
  const client = new AbortController();
  const receiving = queue.receive({}, client.signal).catch(() => 'gone');
  await oneHeld();
  client.abort();
  expect(await receiving).toBe('gone');
  await vi.waitUntil(async () => (await held()).length === 0);
  expect(await queue.counts()).toEqual([1, 0, 0]);
});

test('names the message of a held delete', async () => {
  const queue = await createQueue(cloud.sqs);
  await queue.send('done with');
  const message = await queue.receiveOne();
  await faults.set({ kind: 'hold', action: 'DeleteMessage' });
  const deleting = queue.delete(message);
  expect((await oneHeld()).facts.body).toEqual(['done with']);
  await faults.clearAll();
  await deleting;
});

test.each([
  { when: 'its time is over', seconds: 0.05, clears: false },
  { when: 'its fault is cleared', seconds: 60, clears: true },
])('releases a held call when $when', async ({ seconds, clears }) => {
  const queue = await createQueue(cloud.sqs);
  const { id } = await faults.set({ kind: 'hold', action: 'SendMessage', seconds });
  const sending = queue.send('later');
  await vi.waitUntil(async () => (await faults.log({ fault: id })).length > 0);
  if (clears) await faults.call('DELETE', `/${id}`);
  await sending;
  expect(await held()).toEqual([]);
});
