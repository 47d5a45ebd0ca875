import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createClient } from './client.ts';
import { ForeignAnswerError, NoAnswerError, ProblemError } from './errors.ts';
import { quickClock } from './testing/quick-clock.ts';
import { problem, startStubGateway, type Interference } from './testing/stub-gateway.ts';

const CAT = new File(['a cat'], 'cat.jpg', { type: 'image/jpeg' });
const CLASSIFY = 'POST /v1/classifications';

const html = (response: ServerResponse, status: number, headers: Record<string, string> = {}) =>
  void response
    .writeHead(status, { 'content-type': 'text/html', ...headers })
    .end(`<html><style>p{}</style><h1>${status} Bad Gateway</h1><hr>nginx</html>`);

/** Answers the first requests of a kind, and leaves the others to the stub. */
function first(
  count: number,
  call: string,
  answer: (response: ServerResponse) => void,
): Interference {
  let left = count;
  return (arrived, response) => {
    if (arrived.call !== call || left === 0) return false;
    left -= 1;
    answer(response);
    return true;
  };
}

describe('an image is sent', () => {
  test.each([
    ['a file', CAT, /^multipart\/form-data/, 'label of cat.jpg'],
    [
      'bytes with a name',
      { data: new Uint8Array([1]), fileName: 'b.png' },
      /^multipart/,
      'label of b.png',
    ],
    [
      'bytes that are read when they are sent',
      { data: async () => CAT },
      /^multipart/,
      'label of cat.jpg',
    ],
    ['bytes without a name', new Uint8Array([1]), /^application\/octet-stream$/, 'label of a body'],
    [
      'a blob with a type',
      new Blob(['x'], { type: 'image/png' }),
      /^image\/png$/,
      'label of a body',
    ],
  ])('from %s', async (_case, image, contentType, label) => {
    await using stub = await startStubGateway();
    const client = createClient({ url: stub.url });
    expect(await client.classify(image)).toMatchObject({ status: 'succeeded', label });
    expect(stub.arrived[0]?.headers['content-type']).toMatch(contentType);
  });

  test('by a reference into a bucket', async () => {
    await using stub = await startStubGateway();
    await createClient({ url: stub.url }).classify('s3://photos/cat.jpg');
    expect(JSON.parse(String(stub.arrived[0]?.body))).toEqual({ image: 's3://photos/cat.jpg' });
  });

  test('with its options, the API key, and a key that makes a repeat safe', async () => {
    await using stub = await startStubGateway();
    const client = createClient({ url: `${stub.url}/?old`, apiKey: 'lf_1_secret' });
    await client.classify(CAT, { topK: 3, minPrecision: 0.9, deadlineSeconds: 60, notify: 'shop' });
    expect(stub.arrived[0]).toMatchObject({
      path: '/v1/classifications?topK=3&minPrecision=0.9',
      headers: {
        authorization: 'Bearer lf_1_secret',
        'idempotency-key': expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        prefer: 'wait=20',
        'x-deadline-seconds': '60',
        notify: 'shop',
      },
    });
  });

  test('to a gateway below a path', async () => {
    await using stub = await startStubGateway();
    const client = createClient({ url: `${stub.url}/labels` });
    await expect(client.fleet()).rejects.toMatchObject({ code: 'not-found' });
    expect(stub.arrived[0]?.path).toBe('/labels/v1/fleet');
  });
});

test('classify waits longer than one answer does', async () => {
  await using stub = await startStubGateway({ completes: false });
  const label = createClient({ url: stub.url }).classify(CAT);
  await expect.poll(() => stub.callsOf('GET /v1/classifications/ID')).toHaveLength(1);
  stub.completeAll();
  expect(await label).toMatchObject({ label: 'label of cat.jpg' });
});

test('a canceled request rejects everybody who waits for it', async () => {
  await using stub = await startStubGateway({ completes: false });
  const client = createClient({ url: stub.url });
  const { id } = await client.submit(CAT);
  const waiting = client.waitFor(id);
  expect(await client.cancel(id)).toMatchObject({ id, status: 'canceled' });
  await expect(waiting).rejects.toMatchObject({ code: 'canceled', status: 409, requestId: id });
});

describe('a call is repeated', () => {
  test.each<[string, (response: ServerResponse) => void]>([
    ['a broken connection', (response) => response.destroy()],
    [
      'an answer that breaks off',
      (response) => {
        response.writeHead(200, { 'content-length': 100 }).write('{');
        response.destroy();
      },
    ],
    ["a proxy's 502", (response) => html(response, 502)],
    ["a proxy's 504", (response) => html(response, 504)],
    ["a proxy's 429", (response) => html(response, 429)],
    ['a refusal for lack of room', (response) => problem(response, 'overloaded', 503)],
    ['a refusal by a limit', (response) => problem(response, 'rate-limited', 429)],
    ['an upload that was too slow', (response) => problem(response, 'request-timeout', 408)],
  ])('after %s, as the same request', async (_case, answer) => {
    await using stub = await startStubGateway({ interfere: first(2, CLASSIFY, answer) });
    const clock = quickClock();
    const errors: Error[] = [];
    const onRetry = ({ error }: { error: Error }) => errors.push(error);
    const result = await createClient({ url: stub.url }, clock).classify(CAT, { onRetry });
    expect(result.label).toBe('label of cat.jpg');
    const keys = stub.callsOf(CLASSIFY).map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    // Half of 250 ms, then half of 500 ms.
    expect(clock.slept).toEqual([125, 250]);
    expect(errors).toHaveLength(2);
  });

  test('when the request was accepted but its answer was lost, without a second request', async () => {
    const lost = new Set<unknown>();
    await using stub = await startStubGateway({
      interfere: ({ headers }, response) => {
        if (lost.size === 1) return false;
        lost.add(headers['idempotency-key']);
        // The stub accepts it, but its answer does not get through.
        response.writeHead = () => response.destroy();
        return false;
      },
    });
    await createClient({ url: stub.url }, quickClock()).classify(CAT);
    expect(stub.callsOf(CLASSIFY)).toHaveLength(2);
    expect(stub.requests()).toBe(1);
  });

  test('no earlier than Retry-After says', async () => {
    const refuse = (response: ServerResponse) =>
      problem(response, 'overloaded', 503, { 'retry-after': '7' });
    await using stub = await startStubGateway({ interfere: first(1, CLASSIFY, refuse) });
    const clock = quickClock(0);
    await createClient({ url: stub.url }, clock).classify(CAT);
    expect(clock.slept).toEqual([7_000]);
  });
});

describe('a call is not repeated', () => {
  test.each<[string, (response: ServerResponse) => void, object]>([
    [
      'an image that cannot be decoded',
      (response) => problem(response, 'invalid-image', 422),
      {
        code: 'invalid-image',
        status: 422,
        detail: 'It is invalid-image.',
        requestId: 'the-request',
      },
    ],
    [
      'a failed request',
      (response) => problem(response, 'attempts-exhausted', 500),
      { status: 500 },
    ],
    ['a wrong key', (response) => problem(response, 'unauthorized', 401), { code: 'unauthorized' }],
    [
      "a proxy's 413",
      (response) => html(response, 413),
      { status: 413, message: "The answer is not labelfleet's: 413 413 Bad Gateway nginx" },
    ],
    ["another server's 200", (response) => html(response, 200), { status: 200 }],
    [
      'a redirect',
      (response) => html(response, 301, { location: 'https://elsewhere/' }),
      {
        message:
          "The answer is not labelfleet's: 301 a redirect to https://elsewhere/; use that address",
      },
    ],
    [
      'a Retry-After after the time to give up',
      (response) => problem(response, 'budget-exceeded', 429, { 'retry-after': '3600' }),
      { code: 'budget-exceeded', retryAfterMs: 3_600_000 },
    ],
  ])('after %s', async (_case, answer, error) => {
    await using stub = await startStubGateway({ interfere: first(1, CLASSIFY, answer) });
    await expect(createClient({ url: stub.url }, quickClock()).classify(CAT)).rejects.toMatchObject(
      error,
    );
    expect(stub.arrived).toHaveLength(1);
  });

  test('when its time is over', async () => {
    await using stub = await startStubGateway({
      interfere: first(Infinity, CLASSIFY, (response) => html(response, 502)),
    });
    const clock = quickClock(1);
    const client = createClient({ url: stub.url, giveUpAfterMs: 10_000 }, clock);
    await expect(client.classify(CAT)).rejects.toThrow(ForeignAnswerError);
    expect(clock.slept).toEqual([250, 500, 1_000, 2_000, 4_000]);
  });

  test('after its deadline, and the gateway learns what is left of it', async () => {
    await using stub = await startStubGateway({
      interfere: first(Infinity, CLASSIFY, (response) => problem(response, 'overloaded', 503)),
    });
    const client = createClient({ url: stub.url }, quickClock(1));
    await expect(client.classify(CAT, { deadlineSeconds: 3 })).rejects.toThrow(ProblemError);
    const sent = stub.callsOf(CLASSIFY).map(({ headers }) => headers['x-deadline-seconds']);
    // Repeated after 0.25 s, 0.75 s and 1.75 s.
    expect(sent).toEqual(['3', '3', '3', '2']);
  });

  test('when nothing listens, for longer than the time to give up', async () => {
    const { url } = await startStubGateway().then(async (stub) => {
      await stub[Symbol.asyncDispose]();
      return stub;
    });
    const client = createClient({ url, giveUpAfterMs: 1_000 }, quickClock());
    await expect(client.fleet()).rejects.toThrow(NoAnswerError);
  });
});

describe('an abort signal ends', () => {
  const reason = new Error('the user pressed Ctrl-C');

  test('the wait for a label', async () => {
    await using stub = await startStubGateway({ completes: false });
    const stop = new AbortController();
    const label = createClient({ url: stub.url }).classify(CAT, { signal: stop.signal });
    await expect.poll(() => stub.callsOf('GET /v1/classifications/ID')).toHaveLength(1);
    stop.abort(reason);
    await expect(label).rejects.toBe(reason);
  });

  test('an upload', async () => {
    await using stub = await startStubGateway({ interfere: () => true });
    const stop = new AbortController();
    const label = createClient({ url: stub.url }).classify(CAT, { signal: stop.signal });
    await expect.poll(() => stub.arrived).toHaveLength(1);
    stop.abort(reason);
    await expect(label).rejects.toBe(reason);
  });

  test('the pause before a repeat', async () => {
    await using stub = await startStubGateway({
      interfere: (_, response) => {
        problem(response, 'overloaded', 503, { 'retry-after': '60' });
        return true;
      },
    });
    const stop = new AbortController();
    const label = createClient({ url: stub.url }).classify(CAT, {
      signal: stop.signal,
      onRetry: () => stop.abort(reason),
    });
    await expect(label).rejects.toBe(reason);
  });
});
