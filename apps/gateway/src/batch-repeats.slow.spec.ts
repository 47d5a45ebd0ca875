import { decodeIdempotencyRecord } from '@labelfleet/contracts';
import { expect, test } from 'vitest';
import { faultsOf } from './testing/faults.ts';
import { form, IMAGES, JPEG } from './testing/uploads.ts';
import { useGateways } from './testing/use-gateways.ts';

const gateways = useGateways();
const { completeNext } = gateways;

const images = (count: number, last: Uint8Array = JPEG) =>
  form(
    ...Array.from({ length: count }, (_, index) => ({
      field: `f${index}`,
      fileName: `${index}.jpg`,
      bytes: index === count - 1 ? last : JPEG,
    })),
  );

const post = (
  url: string,
  { contentType, body }: { contentType: string; body: Uint8Array },
  headers: Record<string, string> = {},
) =>
  fetch(`${url}/v1/batches`, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { 'content-type': contentType, prefer: 'respond-async', ...headers },
  });

/** The idempotency records that say that their message was sent. */
async function recordsOfSent(): Promise<number> {
  const state = gateways.cloud().s3.store('state');
  const keys = await state.list('idempotency/', 100);
  const records = await Promise.all(
    keys.map(async (key) => decodeIdempotencyRecord(text(await state.get(key)))),
  );
  return records.filter((record) => record.kind === 'decoded' && record.value.sentAt !== undefined)
    .length;
}

const text = (object: { body: Uint8Array } | null) => new TextDecoder().decode(object?.body);

interface Batch {
  id: string;
  items: { id: string }[];
}
const read = async (response: Response) => (await response.json()) as Batch;

test('a batch that was sent in parts to a gateway that was killed is the same batch at others, with one message an image', async () => {
  await using victim = gateways.start();
  await using second = gateways.start();
  await using third = gateways.start();
  const victimUrl = await victim.url;
  const urls = [await second.url, await third.url];
  const faults = faultsOf(gateways.cloud());
  const headers = { 'idempotency-key': 'the-batch' };
  // The victim stores all 5 images, but hangs after one put, so 4 are accepted.
  await faults.set({
    kind: 'hold',
    count: 1,
    seconds: 600,
    action: 'PutObject',
    match: { bucket: 'input' },
    when: 'after',
  });
  void post(victimUrl, images(5), headers).catch(() => undefined);
  await expect.poll(() => faults.held()).toBe(1);
  // Killed between a send and the update of its record, it would leave an image to be sent again (P10).
  await expect.poll(recordsOfSent).toBe(4);
  victim.child.kill('SIGKILL');
  await victim.exited;

  const responses = await Promise.all(
    [...urls, ...urls].map(async (url) => read(await post(url, images(5), headers))),
  );
  const [batch] = responses;
  for (const response of responses) expect(response).toMatchObject({ id: batch?.id ?? '' });
  const ids = batch?.items.map(({ id }) => id) ?? [];
  for (const { items } of responses) expect(items.map(({ id }) => id)).toEqual(ids);

  const messages: string[] = [];
  while ((await gateways.waiting()) > 0) messages.push((await completeNext()).request.requestId);
  expect(messages.sort()).toEqual(ids.toSorted());
  const other = await post(urls[0] ?? '', images(5, IMAGES['image/png']), headers);
  expect(other.status).toBe(422);
}, 60_000);

test('the events of a batch arrive at once at its gateway, and soon at another, which resumes them', async () => {
  await using first = gateways.start();
  await using second = gateways.start();
  const [firstUrl, secondUrl] = [await first.url, await second.url];
  const { id } = await read(await post(firstUrl, images(3)));
  const open = async (url: string, after = '') => {
    const response = await fetch(`${url}/v1/batches/${id}/events`, {
      headers: { 'last-event-id': after },
    });
    const texts = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    return async (pattern: RegExp) => {
      for (;;) {
        const found = pattern.exec(text);
        if (found !== null) return found;
        const { value, done } = (await texts?.read()) ?? { value: undefined, done: true };
        if (done) throw new Error(`The stream ended after ${text}`);
        text += value;
      }
    };
  };
  const atFirst = await open(firstUrl);
  const atSecond = await open(secondUrl);
  await completeNext();
  const completed = /event: completed\nid: (\S+)/;
  const [, seen = ''] = await atFirst(completed);
  await atSecond(completed);

  first.child.kill('SIGTERM');
  await first.exited;
  const resumed = await open(secondUrl, seen);
  await completeNext();
  await completeNext();
  for (const next of [resumed, atSecond]) await next(/event: done/);
  const after = Buffer.from([7]).toString('base64url');
  const over = await fetch(`${secondUrl}/v1/batches/${id}/events?after=${after}`);
  expect(over.status).toBe(204);
}, 60_000);
