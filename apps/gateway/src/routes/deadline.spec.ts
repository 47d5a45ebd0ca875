import { AwsCallError } from '@labelfleet/aws/errors';
import { decodeImageMetadata, decodeStoredResult, resultKey } from '@labelfleet/contracts';
import { describe, expect, test, vi } from 'vitest';
import { publishFleet, SNAPSHOT } from '../testing/fleet.ts';
import { fakeGateway, post, type FakeGateway } from '../testing/gateway.ts';
import { succeeded } from '../testing/results.ts';
import { imageForm } from '../testing/uploads.ts';

const within = (seconds: number) => ({ 'x-deadline-seconds': String(seconds) });

async function stored(gateway: FakeGateway, id: string) {
  const object = await gateway.output.get(resultKey(id));
  return object && decodeStoredResult(new TextDecoder().decode(object.body));
}

describe('an image with a deadline', () => {
  test('puts the deadline into its request, counted from its arrival', async () => {
    await using gateway = await fakeGateway();
    const [response, { request }] = await Promise.all([
      post(gateway, '/', imageForm(), within(60)),
      gateway.completeNext(({ requestId }) => succeeded({ id: requestId })),
    ]);
    expect(response.status).toBe(200);
    const submittedAt = Date.parse(request.submittedAt);
    expect(request.deadlineAt).toBe(new Date(submittedAt + 60_000).toISOString());
  });

  test('stores the fields of its message with its image, so that a lost message can be sent again', async () => {
    await using gateway = await fakeGateway();
    const headers = { ...within(60), prefer: 'respond-async' };
    await post(gateway, '/v1/classifications?topK=3', imageForm(), headers);
    const [request] = gateway.requests();
    const image = await gateway.input.head(request?.imageKey ?? '');
    const { fileName, replyTo, deadlineAt } = request ?? {};
    expect(decodeImageMetadata(image?.metadata ?? {})).toEqual({
      ...{ fileName, topK: 3, replyTo, deadlineAt },
      traceparent: expect.stringMatching(/^00-/) as string,
    });
    expect([replyTo, deadlineAt]).not.toContain(undefined);
  });

  test.each(['0', '86401', '1.5', 'soon'])(
    'is refused if the deadline is %s s',
    async (seconds) => {
      await using gateway = await fakeGateway();
      const response = await post(gateway, '/', imageForm(), { 'x-deadline-seconds': seconds });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        type: 'urn:labelfleet:problem:invalid-parameter',
      });
      expect(gateway.requests()).toEqual([]);
    },
  );

  test('is refused at once with a Retry-After if the deadline cannot be met', async () => {
    await using gateway = await fakeGateway();
    await publishFleet(gateway, { at: new Date().toISOString(), estimatedWaitSeconds: 500 });
    const response = await post(gateway, '/', imageForm(), within(20));
    expect(response.status).toBe(503);
    // 500 - 20, plus the time since the snapshot.
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(480);
    expect(await response.json()).toMatchObject({ type: 'urn:labelfleet:problem:overloaded' });
    expect(gateway.requests()).toEqual([]);
    expect(await gateway.metric('labelfleet_uploads_total{outcome="overloaded"} 1')).toBe(true);
  });

  test('is accepted if the fleet snapshot is stale: it says nothing about the present', async () => {
    await using gateway = await fakeGateway();
    const at = new Date(Date.now() - 60_000).toISOString();
    await publishFleet(gateway, { at, publishedEverySeconds: 10, estimatedWaitSeconds: 500 });
    const headers = { ...within(20), prefer: 'respond-async' };
    expect((await post(gateway, '/', imageForm(), headers)).status).toBe(202);
  });

  /** No worker is up, and a boot takes 16 s. */
  const publishEmptyFleet = (gateway: FakeGateway) =>
    publishFleet(gateway, {
      at: new Date().toISOString(),
      workers: { booting: 0, idle: 0, busy: 0, draining: 0, suspected: 0 },
      queue: { backlog: 0, inFlight: 0, delayed: 0 },
      learned: { ...SNAPSHOT.learned, bootSecondsP50: 16, bootSecondsP95: 20 },
      estimatedWaitSeconds: 16.2,
    });

  test('is refused with the time until a worker is up if none is, and the refusal is reported to the scaler', async () => {
    await using gateway = await fakeGateway();
    await publishEmptyFleet(gateway);
    const responses = await Promise.all(
      [1, 2, 3].map(async () => post(gateway, '/', imageForm(), within(10))),
    );
    for (const response of responses) {
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '19']);
      expect(await response.json()).toMatchObject({
        type: 'urn:labelfleet:problem:overloaded',
        detail: expect.stringMatching(/^No worker is up; one starts in about 19 s/) as string,
      });
    }
    expect(await gateway.reportedRefusals()).toEqual([
      expect.objectContaining({ type: 'refused', count: 3, retryAfterSeconds: 19 }),
    ]);
    expect(gateway.requests()).toEqual([]);
  });

  test('is refused because of the backlog, and that refusal is reported too', async () => {
    await using gateway = await fakeGateway();
    await publishFleet(gateway, { at: new Date().toISOString(), estimatedWaitSeconds: 500 });
    const response = await post(gateway, '/', imageForm(), within(20));
    expect(await response.json()).toMatchObject({
      detail: expect.stringMatching(/^Too many images are waiting/) as string,
    });
    expect(await gateway.reportedRefusals()).toMatchObject([{ type: 'refused', count: 1 }]);
  });

  test('is not refused by a gateway without a fleet-event queue, because then only its message shows the demand', async () => {
    await using gateway = await fakeGateway({ withoutEventQueue: true });
    await publishEmptyFleet(gateway);
    const [response] = await Promise.all([
      post(gateway, '/', imageForm(), within(10)),
      gateway.completeNext(({ requestId }) => succeeded({ id: requestId })),
    ]);
    expect(response.status).toBe(200);
  });

  test('is accepted after a refusal that could not be reported to the scaler', async () => {
    await using gateway = await fakeGateway({
      beforeCall: (operation, resource) => {
        if (operation.startsWith('SendMessage') && resource.endsWith('fleet-events'))
          throw new AwsCallError(operation, { code: 'AccessDenied', message: 'no' });
      },
    });
    await publishEmptyFleet(gateway);
    expect((await post(gateway, '/', imageForm(), within(10))).status).toBe(503);
    expect(await gateway.reportedRefusals()).toEqual([]);
    const [response] = await Promise.all([
      post(gateway, '/', imageForm(), within(10)),
      gateway.completeNext(({ requestId }) => succeeded({ id: requestId })),
    ]);
    expect(response.status).toBe(200);
  });

  test('is accepted if the fleet snapshot cannot be read', async () => {
    await using gateway = await fakeGateway({
      beforeCall: (operation, key) => {
        if (operation === 'GetObject' && key.startsWith('fleet/'))
          throw new AwsCallError(operation, { code: 'ECONNREFUSED', message: 'no' });
      },
    });
    const [response] = await Promise.all([
      post(gateway, '/', imageForm(), within(20)),
      gateway.completeNext(({ requestId }) => succeeded({ id: requestId })),
    ]);
    expect(response.status).toBe(200);
  });

  test('is refused with 504 if the deadline passes during its upload, and nothing is queued', async () => {
    let readings = 0;
    const start = Date.now();
    // The first reading is for the request id; at the second the upload has taken a minute.
    const unixMs = () => (readings++ === 0 ? start : start + 60_000);
    await using gateway = await fakeGateway({ unixMs });
    const response = await post(gateway, '/', imageForm(), within(30));
    expect(response.status).toBe(504);
    expect(gateway.requests()).toEqual([]);
  });
});

describe('an image that would wait for longer than MAX_BACKLOG_SECONDS', () => {
  test('is refused with a Retry-After, and the refusal is reported to the scaler', async () => {
    await using gateway = await fakeGateway({ maxBacklogMs: 60_000 });
    await publishFleet(gateway, { at: new Date().toISOString(), estimatedWaitSeconds: 80 });
    const response = await post(gateway, '/');
    expect(response.status).toBe(503);
    // 80 - 60, plus the time since the snapshot.
    const seconds = Number(response.headers.get('retry-after'));
    expect(seconds).toBeGreaterThanOrEqual(20);
    expect(await response.json()).toMatchObject({
      type: 'urn:labelfleet:problem:overloaded',
      detail: `Too many images are waiting: this one would wait for more than 60 s. Try again in ${seconds} s.`,
    });
    expect(await gateway.reportedRefusals()).toMatchObject([
      { count: 1, retryAfterSeconds: seconds },
    ]);
    expect(gateway.requests()).toEqual([]);
  });

  test.each([
    ['the wait is shorter', { estimatedWaitSeconds: 59 }, {}],
    ['the variable is not set', { estimatedWaitSeconds: 80 }, { maxBacklogMs: undefined }],
    ['the refusal cannot be reported', { estimatedWaitSeconds: 80 }, { withoutEventQueue: true }],
  ] as const)('is accepted if %s', async (_, fleet, options) => {
    const { maxBacklogMs, ...rest } = { maxBacklogMs: 60_000, ...options };
    await using gateway = await fakeGateway({ ...rest, ...(maxBacklogMs && { maxBacklogMs }) });
    await publishFleet(gateway, { at: new Date().toISOString(), ...fleet });
    const response = await post(gateway, '/', imageForm(), { prefer: 'respond-async' });
    expect(response.status).toBe(202);
  });
});

describe('a waiting image', () => {
  test('completes with a stored 504 at its deadline, and later results change nothing', async () => {
    await using gateway = await fakeGateway();
    const response = await post(gateway, '/', imageForm(), within(1));
    const id = response.headers.get('x-request-id') ?? '';
    expect(response.status).toBe(504);
    const result = await stored(gateway, id);
    expect(result).toMatchObject({
      kind: 'decoded',
      value: {
        id,
        fileName: 'photo.jpg',
        status: 'failed',
        attempts: 0,
        problem: { type: 'urn:labelfleet:problem:deadline-exceeded', status: 504 },
      },
    });
    expect(await gateway.metric('labelfleet_wait_seconds_count{ended="deadline"} 1')).toBe(true);
    await gateway.completeNext(({ requestId }) => succeeded({ id: requestId }));
    expect(await stored(gateway, id)).toEqual(result);
  });

  test.each([
    ['is sent', false, 1],
    ['is left to a worker while the outbox queue cannot be reached', true, 0],
  ])('at its deadline, its webhook message %s', async (_, isUnreachable, messages) => {
    await using gateway = await fakeGateway({
      receivers: ['archive'],
      beforeCall: (operation, queue) => {
        if (isUnreachable && operation === 'SendMessageBatch' && queue.endsWith('/webhooks'))
          throw new AwsCallError(operation, { code: 'ECONNREFUSED', message: 'no' });
      },
    });
    const headers = { ...within(1), notify: 'archive' };
    const response = await post(gateway, '/', imageForm(), headers);
    expect(response.status).toBe(504);
    const id = response.headers.get('x-request-id');
    const message = { v: 1, type: 'classification.completed', id, receiver: 'archive' };
    expect(gateway.webhooks()).toEqual(
      Array.from({ length: messages }, () => ({ kind: 'decoded', value: message })),
    );
  });

  test('gets the stored result at its deadline if only the reply is missing', async () => {
    await using gateway = await fakeGateway();
    const answer = post(gateway, '/', imageForm(), within(1));
    await vi.waitFor(() => expect(gateway.requests()).toHaveLength(1));
    await gateway.completeNext(({ requestId }) => succeeded({ id: requestId }), { reply: false });
    expect(await (await answer).text()).toBe('shower curtain');
  });

  test('gets its link at its deadline if the store cannot be reached, because only stored results are returned', async () => {
    await using gateway = await fakeGateway({
      beforeCall: (operation, key) => {
        if (operation === 'PutObject' && key.endsWith('.json'))
          throw new AwsCallError(operation, { code: 'ECONNREFUSED', message: 'no' });
      },
    });
    const response = await post(gateway, '/', imageForm(), within(1));
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toContain(response.headers.get('x-request-id'));
  });

  test('gets its link before its deadline if its wait is shorter', async () => {
    await using gateway = await fakeGateway();
    const response = await post(gateway, '/', imageForm(), { ...within(60), prefer: 'wait=0' });
    expect(response.status).toBe(202);
    expect(await stored(gateway, response.headers.get('x-request-id') ?? '')).toBeNull();
  });
});
