import { expect, test } from 'vitest';
import { fakeGateway, post, type FakeGateway } from '../testing/gateway.ts';
import { someRequestId, succeeded } from '../testing/results.ts';

const ASYNC = { prefer: 'respond-async' };
const cancel = (gateway: FakeGateway, id: string) =>
  gateway.app.request(`/v1/classifications/${id}/cancel`, { method: 'POST' });
const submit = async (gateway: FakeGateway) =>
  ((await (await post(gateway, '/v1/classifications', undefined, ASYNC)).json()) as { id: string })
    .id;

test('a canceled request is completed as canceled, and its worker gets that result', async () => {
  await using gateway = await fakeGateway();
  const waiting = post(gateway, '/v1/classifications');
  await expect.poll(() => gateway.requests().length).toBe(1);
  const id = gateway.requests()[0]?.requestId ?? '';
  const response = await cancel(gateway, id);
  expect(response.status).toBe(200);
  const canceled: unknown = await response.json();
  expect(canceled).toMatchObject({ id, status: 'canceled', fileName: 'photo.jpg', attempts: 0 });
  expect(await (await waiting).json()).toEqual(canceled);

  await gateway.completeNext(({ requestId }) => succeeded({ id: requestId }));
  const state = await gateway.app.request(`/v1/classifications/${id}`);
  expect(await state.json()).toEqual(canceled);
  expect(await (await cancel(gateway, id)).json()).toEqual(canceled);
});

test('a result that was first is the response', async () => {
  await using gateway = await fakeGateway();
  const id = await submit(gateway);
  await gateway.completeNext(({ requestId }) => succeeded({ id: requestId }));
  const response = await cancel(gateway, id);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ id, status: 'succeeded' });
});

test.each([someRequestId(), 'x'])('an unknown id is 404: %s', async (id) => {
  await using gateway = await fakeGateway();
  expect((await cancel(gateway, id)).status).toBe(404);
});

test("another caller's request is 404 and is not canceled", async () => {
  await using gateway = await fakeGateway();
  const id = await submit(gateway);
  const [key = ''] = await gateway.input.list(`${id}/`, 1);
  const image = await gateway.input.get(key);
  await gateway.input.put(key, image?.body ?? '', {
    contentType: 'image/jpeg',
    metadata: { ...image?.metadata, caller: 'somebody-else' },
  });
  for (const path of ['', '/events'])
    expect((await gateway.app.request(`/v1/classifications/${id}${path}`)).status).toBe(404);
  expect((await cancel(gateway, id)).status).toBe(404);
  expect(await gateway.output.list('', 10)).toEqual([]);
});
