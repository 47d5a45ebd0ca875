import { describe, expect, test } from 'vitest';
import { IndexSet } from '../events/index-set.ts';
import { eventsOf, type ServerEvent } from '../testing/events.ts';
import { fakeGateway, post, type FakeGateway } from '../testing/gateway.ts';
import { succeeded } from '../testing/results.ts';
import { form, JPEG } from '../testing/uploads.ts';

const ASYNC = { prefer: 'respond-async' };
const files = (count: number) =>
  form(
    ...Array.from({ length: count }, (_, index) => ({
      field: `f${index}`,
      fileName: `${index}.jpg`,
      bytes: JPEG,
    })),
  );

const sendBatch = async (gateway: FakeGateway, count: number) =>
  (await (await post(gateway, '/v1/batches', files(count), ASYNC)).json()) as { id: string };
const open = (gateway: FakeGateway, path: string, headers: Record<string, string> = {}) =>
  gateway.app.request(path, { headers });
const completeNext = async (gateway: FakeGateway, reply = true) => {
  const { request } = await gateway.completeNext(({ requestId }) => succeeded({ id: requestId }), {
    reply,
  });
  return request.requestId;
};
const kinds = (events: ServerEvent[]) => events.map(({ event }) => event);

test('the events of a batch tell its progress, each result and the end', async () => {
  await using gateway = await fakeGateway();
  const { id } = await sendBatch(gateway, 2);
  const response = await open(gateway, `/v1/batches/${id}/events`);
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store, no-transform',
  });
  const events = eventsOf(response);
  expect(await events.next()).toEqual({
    event: 'progress',
    data: { counts: { total: 2, queued: 2, succeeded: 0, failed: 0, canceled: 0 } },
  });
  const first = await completeNext(gateway);
  expect(await events.next()).toMatchObject({
    event: 'completed',
    id: 'AQ', // the byte 1
    data: { index: 0, id: first, status: 'succeeded', customId: 'f0' },
  });
  expect(await events.next()).toMatchObject({ event: 'progress', data: { counts: { queued: 1 } } });
  await completeNext(gateway);
  const rest = await events.rest();
  expect(kinds(rest)).toEqual(['completed', 'progress', 'done']);
  expect(rest[0]).toMatchObject({ id: 'Aw', data: { index: 1 } });
  expect(rest[2]?.data).toMatchObject({ id, status: 'completed', counts: { succeeded: 2 } });
  expect(rest[2]?.data).not.toHaveProperty('items');
  expect(gateway.pending.size).toBe(0);
});

describe('a stream goes on where the last one ended', () => {
  test.each([
    ['in Last-Event-ID', '', { 'last-event-id': 'Ag' }],
    ['in after', '?after=Ag', {}],
    ['in Last-Event-ID, which is newer than after', '?after=AA', { 'last-event-id': 'Ag' }],
  ])('%s', async (_case, query, headers: Record<string, string>) => {
    await using gateway = await fakeGateway();
    const { id } = await sendBatch(gateway, 3);
    for (let n = 0; n < 3; n++) await completeNext(gateway);
    const response = await open(gateway, `/v1/batches/${id}/events${query}`, headers);
    const events = await eventsOf(response).rest();
    expect(kinds(events)).toEqual(['completed', 'completed', 'progress', 'done']);
    expect(events.map(({ data }) => data['index'])).toEqual([0, 2, undefined, undefined]);
    expect(events[1]?.id).toBe('Bw');
  });

  test('and is 204 when there was nothing left', async () => {
    await using gateway = await fakeGateway();
    const { id } = await sendBatch(gateway, 3);
    expect((await open(gateway, `/v1/batches/${id}/events?after=Bw`)).status).toBe(204);
  });

  test.each(['x y', 'AAAA'])('and is 400 after %s', async (after) => {
    await using gateway = await fakeGateway();
    const { id } = await sendBatch(gateway, 3);
    const path = `/v1/batches/${id}/events?after=${encodeURIComponent(after)}`;
    expect((await open(gateway, path)).status).toBe(400);
  });
});

test('a file that was refused on arrival is a completed event', async () => {
  await using gateway = await fakeGateway();
  const sent = form({ field: 'a', fileName: 'notes.txt', bytes: 'notes' });
  const { id } = (await (await post(gateway, '/v1/batches', sent)).json()) as { id: string };
  const events = await eventsOf(await open(gateway, `/v1/batches/${id}/events`)).rest();
  expect(events[0]).toMatchObject({
    event: 'completed',
    id: 'AQ',
    data: { index: 0, customId: 'a', status: 'failed', problem: { status: 415 } },
  });
});

test('the events of a classification are those of a batch of one', async () => {
  await using gateway = await fakeGateway();
  const posted = await post(gateway, '/v1/classifications', files(1), ASYNC);
  const { id } = (await posted.json()) as { id: string };
  const events = eventsOf(await open(gateway, `/v1/classifications/${id}/events`));
  expect(await events.next()).toMatchObject({ event: 'progress', data: { counts: { total: 1 } } });
  await completeNext(gateway);
  const rest = await events.rest();
  expect(rest[0]).toMatchObject({ event: 'completed', id: 'AQ', data: { index: 0, id } });
  expect(rest[2]).toMatchObject({
    event: 'done',
    data: { id, status: 'completed', links: { self: `/v1/classifications/${id}` } },
  });
  expect((await open(gateway, `/v1/classifications/${id}/events?after=AQ`)).status).toBe(204);
  expect((await open(gateway, '/v1/classifications/x/events')).status).toBe(404);
});

test('a stream ends, and can be resumed, when the gateway drains', async () => {
  await using gateway = await fakeGateway();
  const { id } = await sendBatch(gateway, 1);
  const events = eventsOf(await open(gateway, `/v1/batches/${id}/events`));
  expect(await events.next()).toMatchObject({ event: 'progress' });
  gateway.drain();
  expect(await events.rest()).toEqual([]);
  expect(gateway.pending.size).toBe(0);
});

test('a client that leaves, and HEAD, leave no waiter behind', async () => {
  await using gateway = await fakeGateway();
  const { id } = await sendBatch(gateway, 1);
  const events = eventsOf(await open(gateway, `/v1/batches/${id}/events`));
  await events.next();
  expect(gateway.pending.size).toBe(1);
  await events.cancel();
  await expect.poll(() => gateway.pending.size).toBe(0);
  const head = await gateway.app.request(`/v1/batches/${id}/events`, { method: 'HEAD' });
  expect(head.status).toBe(200);
  expect(gateway.pending.size).toBe(0);
});

test('results that come while a client does not read are sent together later', async () => {
  await using gateway = await fakeGateway();
  const { id } = await sendBatch(gateway, 20);
  const response = await open(gateway, `/v1/batches/${id}/events`);
  const body: ReadableStream<Uint8Array> = response.body ?? new ReadableStream();
  const reader = body.getReader();
  await reader.read(); // retry
  await reader.read(); // progress
  for (let n = 0; n < 20; n++) await completeNext(gateway);
  await expect.poll(() => gateway.pending.size).toBe(0);
  const { value } = await reader.read();
  const text = new TextDecoder().decode(value);
  expect(text.match(/^event: completed$/gm)).toHaveLength(20);
  expect(text.match(/^event: progress$/gm)).toHaveLength(1);
  expect(text).toContain('event: done');
});

test.each([1, 8, 9, 100, 1_000])('an index set of %i is read as it was written', (size) => {
  const set = new IndexSet(size);
  for (let index = 0; index < size; index += 3) set.add(index);
  const copy = IndexSet.parse(String(set), size);
  for (let index = 0; index < size; index++) expect(copy?.has(index)).toBe(index % 3 === 0);
});
