import { describe, expect, test, vi } from 'vitest';
import { succeeded } from '../testing/results.ts';
import { plainClient, servedGateway } from '../testing/served-gateway.ts';
import { form, JPEG, imageForm } from '../testing/uploads.ts';

type Served = Awaited<ReturnType<typeof servedGateway>>;

const MAX_IMAGE_BYTES = 100_000;
/** Room for three images of the largest size. */
const BUDGET_BYTES = 300_000;

const post = (...headers: string[]) =>
  ['POST / HTTP/1.1', 'Host: localhost', ...headers, '', ''].join('\r\n');

const { contentType, body } = imageForm();
const asForm = `Content-Type: ${contentType}`;
const chunked = 'Transfer-Encoding: chunked';

const sendPhoto = (gateway: Served) =>
  fetch(gateway.server.url, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { 'content-type': contentType, prefer: 'respond-async' },
  });

/** A client that sends something, and then, where there is a drip, that again and again until it is stopped. */
function slowClient(gateway: Served, sent: string | Buffer, drip?: string) {
  const client = plainClient(gateway.server);
  client.socket.write(sent);
  const dripping = setInterval(
    () => drip && client.socket.writable && client.socket.write(drip),
    5,
  );
  client.socket.on('close', () => clearInterval(dripping));
  return client;
}

/** Each sends less than any rate asks for, in another part of a request. */
const SLOW: [string, string, string?][] = [
  ['a length and nothing of it', post('Content-Length: 100000')],
  ['a length and one byte', post('Content-Length: 100000') + 'x'],
  ['a length, and one byte after another', post('Content-Length: 100000'), 'x'],
  ['that it will send when told to', post('Content-Length: 100000', 'Expect: 100-continue')],
  ['that it will send chunks', post(chunked)],
  ['chunks of one byte', post(chunked), '1\r\nx\r\n'],
  ['the size of a chunk and none of it', post(chunked) + 'fffff\r\n'],
  ['what comes before a form', post(asForm, chunked), '1\r\nx\r\n'],
  [
    'what comes behind a form',
    post(asForm, 'Content-Length: 50000') + body.toString('latin1'),
    'x',
  ],
  [
    'the headers of a part',
    post(asForm, 'Content-Length: 50000') + body.toString('latin1', 0, 40),
    'x',
  ],
  [
    'one small field after another',
    post(asForm, 'Content-Length: 50000'),
    form({ field: 'a', bytes: '' }).body.toString('latin1', 0, 70),
  ],
];

describe('a client that promises an image and sends too little of it', () => {
  test.each(SLOW)('is told so, and the connection closed: %s', async (_case, sent, drip) => {
    await using gateway = await servedGateway({
      pace: { graceMs: 100, minBytesPerSecond: 100_000 },
    });
    const client = slowClient(gateway, sent, drip);
    await vi.waitFor(() => expect(client.received()).toContain('urn:labelfleet:problem:'), 5_000);
    client.socket.end();
    await client.ended;
    expect(client.received()).toMatch(/HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(client.received()).toMatch(/\r\nconnection: close\r\n/i);
    expect(client.received()).toContain('urn:labelfleet:problem:request-timeout');
    expect(gateway.budget.bytesInUse).toBe(0);
  });

  test.each(SLOW)(
    'takes nothing from others, in whatever number: %s',
    async (_case, sent, drip) => {
      await using gateway = await servedGateway({
        maxImageBytes: MAX_IMAGE_BYTES,
        budgetBytes: BUDGET_BYTES,
      });
      const clients = Array.from({ length: 40 }, () => slowClient(gateway, sent, drip));
      await Promise.all(
        clients.map(({ socket }) => new Promise((resolve) => socket.write('', resolve))),
      );
      expect((await sendPhoto(gateway)).status).toBe(202);
      for (const { socket } of clients) socket.destroy();
    },
  );
});

test('clients that send almost all of their images and then nothing make room for the next', async () => {
  const pace = { graceMs: 1_000, minBytesPerSecond: 1_000 };
  await using gateway = await servedGateway({
    maxImageBytes: MAX_IMAGE_BYTES,
    budgetBytes: BUDGET_BYTES,
    pace,
  });
  const almost = Buffer.concat([Buffer.from(post('Content-Length: 100000')), Buffer.alloc(99_000)]);
  const clients = Array.from({ length: 10 }, () => slowClient(gateway, almost));
  await vi.waitFor(() => expect(gateway.budget.bytesInUse).toBeGreaterThan(200_000));
  await vi.waitFor(async () => expect((await sendPhoto(gateway)).status).toBe(202), 5_000);
  expect(gateway.budget.bytesInUse).toBeLessThanOrEqual(BUDGET_BYTES);
  for (const { socket } of clients) socket.destroy();
});

test('of more large images at once than there is room for, some are taken and the others told to come again', async () => {
  await using gateway = await servedGateway({
    maxImageBytes: MAX_IMAGE_BYTES,
    budgetBytes: BUDGET_BYTES,
  });
  const large = imageForm(Buffer.concat([JPEG, Buffer.alloc(90_000)]));
  const send = async () => {
    const response = await fetch(gateway.server.url, {
      method: 'POST',
      body: new Uint8Array(large.body),
      headers: { 'content-type': large.contentType, prefer: 'respond-async' },
    });
    return { status: response.status, retryAfter: response.headers.get('retry-after') };
  };
  const answers = await Promise.all(Array.from({ length: 30 }, send));
  for (const { status, retryAfter } of answers)
    if (status === 503) expect(retryAfter).toMatch(/^\d+$/);
  expect(answers.filter(({ status }) => status === 202).length).toBeGreaterThan(0);
  expect(answers.every(({ status }) => [202, 503].includes(status))).toBe(true);
  expect(gateway.budget.bytesInUse).toBe(0);
});

test('an image that comes byte by byte is taken where it keeps up the rate', async () => {
  await using gateway = await servedGateway({ pace: { graceMs: 2_000, minBytesPerSecond: 10 } });
  const client = plainClient(gateway.server);
  client.socket.write(post(asForm, `Content-Length: ${body.length}`));
  for (const byte of body)
    await new Promise((resolve) => client.socket.write(Buffer.of(byte), resolve));
  await gateway.completeNext(({ requestId }) => succeeded({ id: requestId }));
  await vi.waitFor(() => expect(client.received()).toMatch(/\r\n\r\nshower curtain$/));
});
