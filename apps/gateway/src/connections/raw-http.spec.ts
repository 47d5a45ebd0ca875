import { requestIdSchema } from '@labelfleet/contracts';
import { once } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { succeeded } from '../testing/results.ts';
import { plainClient, servedGateway } from '../testing/served-gateway.ts';
import { imageForm } from '../testing/uploads.ts';

type Served = Awaited<ReturnType<typeof servedGateway>>;

const lines = (...of: string[]) => [...of, '', ''].join('\r\n');

/** One valid POST that keeps its connection open. */
const goodPost = (...headers: string[]) => {
  const { contentType, body } = imageForm();
  const head = lines(
    'POST / HTTP/1.1',
    'Host: localhost',
    `Content-Type: ${contentType}`,
    `Content-Length: ${body.length}`,
    ...headers,
  );
  return Buffer.concat([Buffer.from(head), body]);
};

const completeNext = (gateway: Served) =>
  gateway.completeNext(({ requestId }) => succeeded({ id: requestId }));

/** Parses the last response on a connection. */
function lastResponse(received: string) {
  const response = received.split(/(?=HTTP\/1\.1 \d{3} )/).at(-1) ?? '';
  const [head = '', body = ''] = response.split('\r\n\r\n');
  const [status = '', ...fields] = head.split('\r\n');
  const headers = new Headers(fields.map((field) => field.split(/: (.*)/).slice(0, 2) as never));
  return { status: Number(status.split(' ')[1]), headers, body };
}

function expectProblem(received: string, status: number) {
  const response = lastResponse(received);
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const requestId = response.headers.get('x-request-id');
  expect(requestIdSchema.safeParse(requestId).success).toBe(true);
  expect(JSON.parse(response.body)).toMatchObject({ status, requestId });
}

const post = (...headers: string[]) => lines('POST / HTTP/1.1', 'Host: localhost', ...headers);

/** Each is refused, and its connection is closed. */
const UNREADABLE: [string, string, number][] = [
  ['a bad request line', lines('hello'), 400],
  ['an invalid method', lines('G@T / HTTP/1.1', 'Host: localhost'), 400],
  ['a lower-case method', lines('get / HTTP/1.1', 'Host: localhost'), 400],
  ['an unknown version', lines('GET / HTTP/3.7', 'Host: localhost'), 400],
  ['HTTP/2 without TLS', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['the beginning of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01', 400],
  ['a NUL in the path', lines('GET /\0 HTTP/1.1', 'Host: localhost'), 400],
  ['a NUL in a header', lines('GET / HTTP/1.1', 'Host: localhost', 'X-Note: \0'), 400],
  ['a header without a colon', lines('GET / HTTP/1.1', 'Host: localhost', 'nonsense'), 400],
  ['a space before the colon', lines('GET / HTTP/1.1', 'Host : localhost'), 400],
  ['a folded header', lines('GET / HTTP/1.1', 'Host: localhost', 'X-Note: a', ' b'), 400],
  ['a length that is not a number', post('Content-Length: many'), 400],
  ['a negative length', post('Content-Length: -1'), 400],
  ['two lengths', post('Content-Length: 1', 'Content-Length: 2'), 400],
  ['a length and chunks', post('Content-Length: 1', 'Transfer-Encoding: chunked'), 400],
  ['chunks that are not the last coding', post('Transfer-Encoding: chunked, gzip'), 400],
  ['a bad chunk size', post('Transfer-Encoding: chunked') + 'zz\r\n', 400],
  ['a chunk longer than its size', post('Transfer-Encoding: chunked') + '1\r\nab\r\n', 400],
  ['headers of 20 KB', post(`X-Note: ${'x'.repeat(20_000)}`), 431],
  ['a path of 20 KB', lines(`GET /${'x'.repeat(20_000)} HTTP/1.1`, 'Host: localhost'), 431],
  [
    'chunk extensions of 20 KB',
    post('Transfer-Encoding: chunked') + `1;${'x'.repeat(20_000)}`,
    413,
  ],
  ['CONNECT', lines('CONNECT example.org:443 HTTP/1.1', 'Host: example.org:443'), 405],
];

/** Each is refused; its connection stays open unless the client asks to close it. */
const REFUSED: [string, string, number][] = [
  ['HTTP/1.1 without Host', lines('GET / HTTP/1.1', 'Connection: close'), 400],
  ['HTTP/0.9', lines('GET /'), 400],
  ['two Hosts', lines('GET / HTTP/1.1', 'Host: a', 'Host: b', 'Connection: close'), 400],
  ['no valid Host', lines('GET / HTTP/1.1', 'Host: no host', 'Connection: close'), 400],
  ['an asterisk for GET', lines('GET * HTTP/1.1', 'Host: localhost', 'Connection: close'), 400],
  ['no path', lines('GET nowhere HTTP/1.1', 'Host: localhost', 'Connection: close'), 400],
  [
    'an invalid absolute URL',
    lines('GET http:// HTTP/1.1', 'Host: localhost', 'Connection: close'),
    400,
  ],
  ['an unknown expectation', post('Expect: a-present', 'Connection: close'), 417],
  [
    'a path with invalid percent-encoding',
    lines('GET /v1/classifications/%zz HTTP/1.1', 'Host: localhost', 'Connection: close'),
    404,
  ],
  [
    'a parameter with invalid percent-encoding',
    lines('POST /?topK=%zz HTTP/1.1', 'Host: localhost', 'Connection: close'),
    400,
  ],
  ['TRACE', lines('TRACE / HTTP/1.1', 'Host: localhost', 'Connection: close'), 405],
  [
    'an unknown transfer coding',
    post('Transfer-Encoding: gzip, chunked', 'Connection: close') + '0\r\n\r\n',
    501,
  ],
];

describe('a request that cannot be parsed gets a problem document with a request id', () => {
  test.each([...UNREADABLE, ...REFUSED])('%s', async (_case, sent, status) => {
    await using gateway = await servedGateway();
    const client = plainClient(gateway.server);
    client.socket.write(Buffer.from(sent, 'latin1'));
    expect(await client.ended).toBeUndefined();
    expectProblem(client.received(), status);
    expect(client.received()).toMatch(/\r\nconnection: close\r\n/i);
  });

  test.each(UNREADABLE.filter(([, sent]) => !sent.startsWith('POST')))(
    '%s is counted by its status',
    async (_case, sent, status) => {
      await using gateway = await servedGateway();
      const client = plainClient(gateway.server);
      client.socket.write(Buffer.from(sent, 'latin1'));
      await client.ended;
      const line = `labelfleet_unreadable_requests_total{status="${status}"} 1`;
      expect(await gateway.metric(line)).toBe(true);
    },
  );

  test.each(UNREADABLE)(
    '%s after a valid POST is refused after the response to the POST',
    async (_case, sent, status) => {
      await using gateway = await servedGateway();
      const client = plainClient(gateway.server);
      client.socket.write(Buffer.concat([goodPost(), Buffer.from(sent, 'latin1')]));
      await completeNext(gateway);
      expect(await client.ended).toBeUndefined();
      expect(client.received()).toMatch(/^HTTP\/1\.1 200 [^]*\r\n\r\nshower curtainHTTP\/1\.1 /);
      expectProblem(client.received(), status);
    },
  );

  test('after several valid requests it is refused after their responses, in order', async () => {
    await using gateway = await servedGateway();
    const client = plainClient(gateway.server);
    const alive = lines('GET /healthz HTTP/1.1', 'Host: localhost');
    client.socket.write(
      Buffer.concat([goodPost(), Buffer.from(`${alive}${alive}garbage\r\n\r\n`)]),
    );
    await completeNext(gateway);
    expect(await client.ended).toBeUndefined();
    const statuses = [...client.received().matchAll(/HTTP\/1\.1 (\d+)/g)].map(
      ([, status]) => status,
    );
    expect(statuses).toEqual(['200', '200', '200', '400']);
    expectProblem(client.received(), 400);
  });

  test('it is logged with the request id of the response', async () => {
    await using gateway = await servedGateway();
    const info = vi.spyOn(gateway.log, 'info');
    const client = plainClient(gateway.server);
    client.socket.write(lines('hello'));
    await client.ended;
    const requestId = lastResponse(client.received()).headers.get('x-request-id');
    expect(info).toHaveBeenCalledWith(
      expect.objectContaining({ event: 'request.unreadable', requestId, status: 400 }),
      'unreadable request refused',
    );
  });

  test('a client that keeps sending gets the response and no reset', async () => {
    await using gateway = await servedGateway();
    const client = plainClient(gateway.server);
    client.socket.end(Buffer.alloc(5_000_000, 'garbage'));
    expect(await client.ended).toBeUndefined();
    expectProblem(client.received(), 400);
  });

  test.each([
    ['nothing at all', ''],
    ['headers without an end', 'GET / HTTP/1.1\r\nHost: localhost\r\n'],
    [
      'headers without an end after a complete request',
      lines('GET /healthz HTTP/1.1', 'Host: localhost') + 'GET',
    ],
  ])('%s within the time for headers', async (_case, sent) => {
    await using gateway = await servedGateway({}, { headersWithinMs: 100 });
    const client = plainClient(gateway.server);
    client.socket.write(sent);
    expect(await client.ended).toBeUndefined();
    expectProblem(client.received(), 408);
  });

  test('a body that is not complete within the time limit gets 408', async () => {
    await using gateway = await servedGateway({}, { headersWithinMs: 100, requestWithinMs: 100 });
    const client = plainClient(gateway.server);
    client.socket.write(post('Content-Length: 1000') + 'x');
    await vi.waitFor(() => expect(client.received()).toContain('request-timeout'), 5_000);
    client.socket.end();
    await client.ended;
    expectProblem(client.received(), 408);
  });
});

describe('an unusual request is served', () => {
  test.each([
    ['HTTP/1.0 without Host', lines('GET /healthz HTTP/1.0'), 200],
    ["HAProxy's check", lines('OPTIONS / HTTP/1.0'), 204],
    [
      "Nagios' check",
      lines('GET / HTTP/1.0', 'User-Agent: check_http/v2.3', 'Connection: close'),
      200,
    ],
    ['HTTP/1.0 with Host', lines('GET /healthz HTTP/1.0', 'Host: localhost'), 200],
    ['HEAD in HTTP/1.0', lines('HEAD /healthz HTTP/1.0'), 200],
    ['OPTIONS *', lines('OPTIONS * HTTP/1.1', 'Host: localhost', 'Connection: close'), 204],
    [
      'an absolute URL',
      lines('GET http://elsewhere/healthz HTTP/1.1', 'Host: localhost', 'Connection: close'),
      200,
    ],
    [
      'an offer to upgrade',
      lines(
        'GET /healthz HTTP/1.1',
        'Host: localhost',
        'Connection: upgrade, close',
        'Upgrade: h2c',
      ),
      200,
    ],
    ['empty lines before the request', '\r\n\r\n' + lines('GET /healthz HTTP/1.0'), 200],
    ['an expectation in HTTP/1.0', lines('GET /healthz HTTP/1.0', 'Expect: 100-continue'), 200],
  ])('%s', async (_case, sent, status) => {
    await using gateway = await servedGateway();
    const client = plainClient(gateway.server);
    client.socket.write(sent);
    expect(await client.ended).toBeUndefined();
    const response = lastResponse(client.received());
    expect(response.status).toBe(status);
    expect(response.headers.get('x-request-id')).not.toBeNull();
    if (status === 204) expect(response.headers.get('allow')).toBe('GET, HEAD, POST');
  });

  test('an image over HTTP/1.0 without Host', async () => {
    await using gateway = await servedGateway();
    const client = plainClient(gateway.server);
    const { contentType, body } = imageForm();
    const head = [
      'POST / HTTP/1.0',
      `Content-Type: ${contentType}`,
      `Content-Length: ${body.length}`,
    ];
    client.socket.write(Buffer.concat([Buffer.from(lines(...head)), body]));
    await completeNext(gateway);
    await client.ended;
    expect(client.received()).toMatch(/^HTTP\/1\.1 200 [^]*\r\n\r\nshower curtain$/);
  });
});

describe('a client that ends its side after its request', () => {
  test.each([
    ['one request', 1],
    ['three requests', 3],
  ])('gets the responses to %s byte for byte', async (_case, count) => {
    await using gateway = await servedGateway();
    const client = plainClient(gateway.server);
    client.socket.end(Buffer.concat(Array.from({ length: count }, () => goodPost())));
    await vi.waitFor(() => expect(gateway.pending.size).toBe(count));
    for (let completed = 0; completed < count; completed += 1) await completeNext(gateway);
    expect(await client.ended).toBeUndefined();
    const responses = client.received().split(/(?=HTTP\/1\.1 )/);
    expect(responses).toHaveLength(count);
    for (const response of responses)
      expect(response).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nshower curtain$/);
  });

  test('gets the first bytes of a slow response early', async () => {
    await using gateway = await servedGateway();
    const client = plainClient(gateway.server);
    client.socket.end(goodPost());
    await vi.waitFor(() => expect(client.received()).toBe('HTT'), 5_000);
    await completeNext(gateway);
    await client.ended;
    expect(client.received()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nshower curtain$/);
  });

  test('gets a problem document if its image is incomplete, and leaves no bytes behind', async () => {
    await using gateway = await servedGateway();
    const client = plainClient(gateway.server);
    client.socket.end(goodPost().subarray(0, -20));
    expect(await client.ended).toBeUndefined();
    expectProblem(client.received(), 400);
    expect(gateway.budget.bytesInUse).toBe(0);
  });

  test.each([
    ['is reset', 'resetAndDestroy'],
    ['is closed', 'destroy'],
  ] as const)('and then %s leaves no waiter behind', async (_case, method) => {
    await using gateway = await servedGateway();
    const client = plainClient(gateway.server);
    client.socket.end(goodPost());
    await vi.waitFor(() => expect(client.received()).toBe('H'));
    expect(gateway.pending.size).toBe(1);
    client.socket[method]();
    await vi.waitFor(() => expect(gateway.pending.size).toBe(0), 5_000);
  });
});

describe('a client that expects 100 Continue', () => {
  test.each([
    ['for an unknown address', 'POST /nowhere HTTP/1.1', [], 404],
    ['with an unsupported method', 'PUT / HTTP/1.1', [], 405],
    ['for a media type that is not offered', 'POST / HTTP/1.1', ['Accept: image/png'], 406],
    ['with an encoded body', 'POST / HTTP/1.1', ['Content-Encoding: gzip'], 415],
    ['with a body that is too large', 'POST / HTTP/1.1', ['Content-Length: 200000'], 413],
  ])('%s gets no 100 Continue', async (_case, request, headers, status) => {
    await using gateway = await servedGateway();
    const client = plainClient(gateway.server);
    const length = headers.some((header) => header.startsWith('Content-Length'))
      ? []
      : ['Content-Length: 100'];
    client.socket.write(
      lines(request, 'Host: localhost', 'Expect: 100-continue', ...headers, ...length),
    );
    await vi.waitFor(() => expect(client.received()).toContain('urn:labelfleet:problem:'));
    expect(client.received()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    client.socket.end();
    await client.ended;
    expect(client.received()).not.toContain(' 100 ');
  });
});

describe('at the limit of connections', () => {
  test('the oldest idle connection is closed for a new one', async () => {
    await using gateway = await servedGateway({}, { maxConnections: 3, makesRoomAfterMs: 0 });
    const silent = plainClient(gateway.server);
    await once(silent.socket, 'connect');
    const halfway = plainClient(gateway.server);
    halfway.socket.write('GET /healthz HTTP/1.1\r\n');
    await once(halfway.socket, 'connect');
    const waiting = plainClient(gateway.server);
    waiting.socket.write(goodPost());
    await vi.waitFor(() => expect(gateway.pending.size).toBe(1));
    expect((await fetch(`${gateway.server.url}/healthz`)).status).toBe(200);
    expect(await silent.ended).toBeUndefined();
    halfway.socket.write('Host: localhost\r\n\r\n');
    await vi.waitFor(() => expect(halfway.received()).toMatch(/^HTTP\/1\.1 200 /));
    await completeNext(gateway);
    await vi.waitFor(() => expect(waiting.received()).toMatch(/\r\n\r\nshower curtain$/));
    for (const { socket } of [halfway, waiting]) socket.destroy();
  });

  test('a connection that has just been opened is not closed for a new one', async () => {
    await using gateway = await servedGateway({}, { maxConnections: 1, makesRoomAfterMs: 60_000 });
    const fresh = plainClient(gateway.server);
    await once(fresh.socket, 'connect');
    expect((await fetch(`${gateway.server.url}/healthz`)).status).toBe(503);
    fresh.socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await vi.waitFor(() => expect(fresh.received()).toMatch(/^HTTP\/1\.1 200 /));
    fresh.socket.destroy();
  });

  test('a new connection gets a Retry-After if all others have requests under way', async () => {
    await using gateway = await servedGateway({}, { maxConnections: 2 });
    const clients = [plainClient(gateway.server), plainClient(gateway.server)];
    for (const { socket } of clients) socket.write(goodPost());
    await vi.waitFor(() => expect(gateway.pending.size).toBe(2));
    const third = plainClient(gateway.server);
    third.socket.write(goodPost());
    expect(await third.ended).toBeUndefined();
    expectProblem(third.received(), 503);
    expect(third.received()).toMatch(/\r\nretry-after: 5\r\n/);
    expect(gateway.pending.size).toBe(2);
    for (const { socket } of clients) socket.destroy();
  });
});
