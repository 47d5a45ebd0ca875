import { afterEach, expect, test, vi } from 'vitest';

import { FaultsClient, type HeldCall } from '@labelfleet/testkit/faults-client';
import { createBucket } from '@labelfleet/testkit/test-bucket';
import { createQueue } from '@labelfleet/testkit/test-queue';
import { useLocalCloud } from '@labelfleet/testkit/use-local-cloud';

const cloud = useLocalCloud();
const faults = new FaultsClient(() => cloud.endpoint);
afterEach(() => faults.clearAll());

/** Waits for a held call. */
async function oneHeld(): Promise<HeldCall> {
  const [one, ...more] = await vi.waitUntil(async () => {
    const calls = await faults.held();
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
    facts: { queue: [queue.name], body: ['order 17'], caller: ['local'] },
  });
  expect(await queue.counts()).toEqual([1, 0, 0]);
  expect(await release(call.id)).toBe(200);
  await sending;
  expect(await queue.counts()).toEqual([2, 0, 0]);
  expect(await release(call.id)).toBe(404);
});

test('answers a call that is held after its effect at the release', async () => {
  const bucket = await createBucket(cloud.s3);
  await faults.set({ kind: 'hold', action: 'PutObject', when: 'after' });
  const putting = bucket.put('k');
  const call = await oneHeld();
  expect(call).toMatchObject({ when: 'after', facts: { bucket: [bucket.name], key: ['k'] } });
  await bucket.head('k');
  await release(call.id);
  await putting;
});

test('sends the whole body of an answer after the hold', async () => {
  const bucket = await createBucket(cloud.s3);
  await bucket.put('k', { Body: 'some bytes' });
  await faults.set({ kind: 'hold', action: 'GetObject', when: 'after', seconds: 0.05 });
  expect(await bucket.text('k')).toBe('some bytes');
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
  await vi.waitUntil(async () => (await faults.held()).length === 0);
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
  expect(await faults.held()).toEqual([]);
});
