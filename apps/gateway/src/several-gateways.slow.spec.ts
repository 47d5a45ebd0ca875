import { expect, test } from 'vitest';
import { faultsOf } from './testing/faults.ts';
import { JPEG, imageForm, IMAGES } from './testing/uploads.ts';
import { useGateways } from './testing/use-gateways.ts';

const gateways = useGateways();
const { completeNext } = gateways;

const post = (
  url: string,
  headers: Record<string, string> = {},
  { image = JPEG, signal }: { image?: Uint8Array; signal?: AbortSignal } = {},
) => {
  const { contentType, body } = imageForm(image);
  return fetch(url, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { 'content-type': contentType, ...headers },
    ...(signal && { signal }),
  });
};

const readResponse = async (response: Response) => ({
  status: response.status,
  id: response.headers.get('x-request-id'),
  text: await response.text(),
});

const state = async (url: string, location: string) =>
  ((await (await fetch(url + location)).json()) as { status: string }).status;

test('one key sent to two gateways at the same time makes one request, also after a gateway was killed and restarted', async () => {
  await using first = gateways.start();
  await using second = gateways.start();
  const urls = [await first.url, await second.url];
  const headers = { 'idempotency-key': 'the-same' };
  const working = new AbortController();
  const worker = (async () => {
    for (;;) await completeNext(working.signal);
  })().catch((error: unknown) => error);
  const responses = await Promise.all(
    [...urls, ...urls, ...urls].map(async (url) => readResponse(await post(url, headers))),
  );
  expect(new Set(responses.map(({ id }) => id)).size).toBe(1);
  for (const response of responses)
    expect(response).toEqual({ status: 200, id: responses[0]?.id, text: 'shower curtain' });
  working.abort('done');
  expect(await worker).toBe('done');

  first.child.kill('SIGKILL');
  await first.exited;
  await using again = gateways.start();
  expect(await readResponse(await post(await again.url, headers))).toEqual(responses[0]);
  const other = { image: IMAGES['image/png'] };
  expect((await post(await again.url, headers, other)).status).toBe(422);
  expect(await gateways.cloud().s3.store('input').list(`${responses[0]?.id}/`, 10)).toHaveLength(1);
});

test('after kill -9 and a restart, every accepted request can be read', async () => {
  await using killed = gateways.start();
  const killedUrl = await killed.url;
  const accepted = await Promise.all(
    [1, 2, 3, 4].map(() => post(killedUrl, { prefer: 'respond-async' })),
  );
  const locations = accepted.map(({ headers }) => headers.get('location') ?? '');
  const waits = post(killedUrl).catch((error: unknown) => error);
  expect((await completeNext()).replied).toBe('sent');
  killed.child.kill('SIGKILL');
  await killed.exited;
  await waits;
  // Its reply queue still exists, and receives replies that no gateway reads.
  expect((await completeNext()).replied).toBe('sent');

  await using again = gateways.start();
  const url = await again.url;
  const states = () => Promise.all(locations.map((location) => state(url, location)));
  for (const each of await states()) expect(['queued', 'succeeded']).toContain(each);
  const left = await gateways.waiting();
  for (let n = 0; n < left; n++) await completeNext();
  expect(await states()).toEqual(Array(4).fill('succeeded'));
});

test('a gateway whose reply queue is swept returns the pending results and creates another queue', async () => {
  await using gateway = gateways.start();
  const url = await gateway.url;
  const list = () => gateways.cloud().sqs.admin.list(gateways.replyQueuePrefix());
  const [swept = ''] = await list();
  const waits = post(url);
  await expect.poll(gateways.waiting).toBe(1);
  await gateways.cloud().sqs.admin.delete(swept);
  expect((await completeNext()).replied).toBe('queue-gone');
  expect(await (await waits).text()).toBe('shower curtain');

  await expect.poll(list, { timeout: 10_000 }).toEqual([expect.not.stringMatching(swept)]);
  const [next, { request }] = await Promise.all([post(url), completeNext()]);
  expect(await next.text()).toBe('shower curtain');
  expect([request.replyTo]).toEqual(await list());
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('labelfleet_reply_queues_replaced_total 1');
  expect(metrics).toContain('labelfleet_results_found_in_store_total 1');
});

test('a client that disconnects leaves no waiter behind', async () => {
  await using gateway = gateways.start();
  const url = await gateway.url;
  const waiters = async () =>
    /^labelfleet_waiters (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1];
  const client = new AbortController();
  const waits = post(url, {}, { signal: client.signal }).catch(() => 'disconnected');
  await expect.poll(waiters).toBe('1');
  client.abort();
  expect(await waits).toBe('disconnected');
  await expect.poll(waiters).toBe('0');
});

test('when a gateway is killed between claim, image, send and record update, one of many repeats at two other gateways takes over', async () => {
  await using victim = gateways.start();
  await using second = gateways.start();
  await using third = gateways.start();
  const victimUrl = await victim.url;
  const urls = [await second.url, await third.url];
  const faults = faultsOf(gateways.cloud());
  const once = { kind: 'hold', count: 1, seconds: 600 };
  const stops = [
    { key: 'no-image', fault: { ...once, action: 'PutObject', match: { bucket: 'input' } } },
    {
      key: 'image',
      fault: { ...once, action: 'PutObject', match: { bucket: 'input' }, when: 'after' },
    },
    { key: 'sent', fault: { ...once, action: 'SendMessageBatch', when: 'after' } },
  ];
  for (const [index, { key, fault }] of stops.entries()) {
    await faults.set(fault);
    void post(victimUrl, { 'idempotency-key': key }).catch(() => undefined);
    await expect.poll(() => faults.held()).toBe(index + 1);
  }
  victim.child.kill('SIGKILL');
  await victim.exited;

  const messages: Record<string, number> = {};
  const working = new AbortController();
  const worker = (async () => {
    for (;;) {
      const { request } = await completeNext(working.signal);
      messages[request.requestId] = (messages[request.requestId] ?? 0) + 1;
    }
  })().catch((error: unknown) => error);
  for (const { key } of stops) {
    const repeats = [...urls, ...urls, ...urls].map(async (url) =>
      readResponse(await post(url, { 'idempotency-key': key })),
    );
    const [first, ...others] = await Promise.all(repeats);
    expect(first).toMatchObject({ status: 200, text: 'shower curtain' });
    for (const other of others) expect(other).toEqual(first);
    // A message that the victim sent completes the request, so no repeat has to take over.
    await expect.poll(() => messages[first?.id ?? '']).toBe(1);
  }
  working.abort('done');
  expect(await worker).toBe('done');
}, 60_000);
