import { describe, expect, test, vi } from 'vitest';
import { succeeded } from '../testing/results.ts';
import { plainClient, servedGateway } from '../testing/served-gateway.ts';
import { form, JPEG, imageForm } from '../testing/uploads.ts';

type Served = Awaited<ReturnType<typeof servedGateway>>;

const MAX_IMAGE_BYTES = 100_000;
/** Room for three of the largest images. */
const BUDGET_BYTES = 300_000;

const post = (...headers: string[]) =>
  ['POST / HTTP/1.1', 'Host: localhost', ...headers, '', ''].join('\r\n');

const { contentType, body } = imageForm();
const asForm = `Content-Type: ${contentType}`;
const chunked = 'Transfer-Encoding: chunked';

const sendImage = (gateway: Served) =>
  fetch(gateway.server.url, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { 'content-type': contentType, prefer: 'respond-async' },
  });

/** A client that sends `sent`, and then `drip` every 5 ms until its connection closes. */
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

/** Each is too slow in another part of a request. */
const SLOW: [string, string, string?][] = [
  ['a length and no body', post('Content-Length: 100000')],
  ['a length and one byte', post('Content-Length: 100000') + 'x'],
  ['a length, then byte after byte', post('Content-Length: 100000'), 'x'],
  ['Expect: 100-continue and no body', post('Content-Length: 100000', 'Expect: 100-continue')],
  ['Transfer-Encoding: chunked and no chunk', post(chunked)],
  ['chunks of one byte', post(chunked), '1\r\nx\r\n'],
  ['the size of a chunk and no chunk', post(chunked) + 'fffff\r\n'],
  ['a preamble of a form', post(asForm, chunked), '1\r\nx\r\n'],
  ['an epilogue of a form', post(asForm, 'Content-Length: 50000') + body.toString('latin1'), 'x'],
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

describe('a client that sends an image too slowly', () => {
  test.each(SLOW)('gets 408 and its connection is closed: %s', async (_case, sent, drip) => {
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

  test.each(SLOW)('takes no room from others, even 40 at once: %s', async (_case, sent, drip) => {
    await using gateway = await servedGateway({
      maxImageBytes: MAX_IMAGE_BYTES,
      budgetBytes: BUDGET_BYTES,
    });
    const clients = Array.from({ length: 40 }, () => slowClient(gateway, sent, drip));
    await Promise.all(
      clients.map(({ socket }) => new Promise((resolve) => socket.write('', resolve))),
    );
    expect((await sendImage(gateway)).status).toBe(202);
    for (const { socket } of clients) socket.destroy();
  });
});

test('clients that send almost all of an image and then nothing lose their room to the next upload', async () => {
  const pace = { graceMs: 1_000, minBytesPerSecond: 1_000 };
  await using gateway = await servedGateway({
    maxImageBytes: MAX_IMAGE_BYTES,
    budgetBytes: BUDGET_BYTES,
    pace,
  });
  const almost = Buffer.concat([Buffer.from(post('Content-Length: 100000')), Buffer.alloc(99_000)]);
  const clients = Array.from({ length: 10 }, () => slowClient(gateway, almost));
  await vi.waitFor(() => expect(gateway.budget.bytesInUse).toBeGreaterThan(200_000));
  await vi.waitFor(async () => expect((await sendImage(gateway)).status).toBe(202), 5_000);
  expect(gateway.budget.bytesInUse).toBeLessThanOrEqual(BUDGET_BYTES);
  for (const { socket } of clients) socket.destroy();
});

test('of more concurrent large images than there is room for, some are accepted and the others get a Retry-After', async () => {
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
  const responses = await Promise.all(Array.from({ length: 30 }, send));
  for (const { status, retryAfter } of responses)
    if (status === 503) expect(retryAfter).toMatch(/^\d+$/);
  expect(responses.filter(({ status }) => status === 202).length).toBeGreaterThan(0);
  expect(responses.every(({ status }) => [202, 503].includes(status))).toBe(true);
  expect(gateway.budget.bytesInUse).toBe(0);
});

test('an image that arrives byte by byte is accepted if it is fast enough', async () => {
  await using gateway = await servedGateway({ pace: { graceMs: 2_000, minBytesPerSecond: 10 } });
  const client = plainClient(gateway.server);
  client.socket.write(post(asForm, `Content-Length: ${body.length}`));
  for (const byte of body)
    await new Promise((resolve) => client.socket.write(Buffer.of(byte), resolve));
  await gateway.completeNext(({ requestId }) => succeeded({ id: requestId }));
  await vi.waitFor(() => expect(client.received()).toMatch(/\r\n\r\nshower curtain$/));
});

test('a batch that becomes too slow gets 408, and the images that arrived before are accepted', async () => {
  await using gateway = await servedGateway({
    pace: { graceMs: 300, minBytesPerSecond: 100_000 },
  });
  const client = plainClient(gateway.server);
  client.socket.write(
    post(asForm, 'Content-Length: 50000').replace('POST /', 'POST /v1/batches') +
      body.toString('latin1', 0, body.length - 40),
    'latin1',
  );
  // The part ends with the next boundary.
  client.socket.write(body.subarray(body.length - 40, body.length - 4));
  await vi.waitFor(() => expect(gateway.requests()).toHaveLength(1));
  await vi.waitFor(() => expect(client.received()).toContain('urn:labelfleet:problem:'), 5_000);
  client.socket.end();
  await client.ended;
  expect(client.received()).toMatch(/HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(gateway.budget.bytesInUse).toBe(0);
  expect(gateway.pending.size).toBe(0);
});
