import { AwsCallError } from '@labelfleet/aws/errors';
import { decodeImageMetadata, decodeStoredResult, resultKey } from '@labelfleet/contracts';
import { describe, expect, test, vi } from 'vitest';
import { fakeGateway, post, publishFleet, SNAPSHOT, type FakeGateway } from '../testing/gateway.ts';
import { succeeded } from '../testing/results.ts';
import { imageForm } from '../testing/uploads.ts';

const within = (seconds: number) => ({ 'x-deadline-seconds': String(seconds) });

async function stored(gateway: FakeGateway, id: string) {
  const object = await gateway.output.get(resultKey(id));
  return object && decodeStoredResult(new TextDecoder().decode(object.body));
}

describe('an image with a deadline', () => {
  test('takes it along in its request, counted from its arrival', async () => {
    await using gateway = await fakeGateway();
    const [response, { request }] = await Promise.all([
      post(gateway, '/', imageForm(), within(60)),
      gateway.completeNext(({ requestId }) => succeeded({ id: requestId })),
    ]);
    expect(response.status).toBe(200);
    const submittedAt = Date.parse(request.submittedAt);
    expect(request.deadlineAt).toBe(new Date(submittedAt + 60_000).toISOString());
  });

  test('leaves with its image what the message is made of, should that get lost', async () => {
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

  test.each(['0', '86401', '1.5', 'soon'])('of %s s is refused', async (seconds) => {
    await using gateway = await fakeGateway();
    const response = await post(gateway, '/', imageForm(), { 'x-deadline-seconds': seconds });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      type: 'urn:labelfleet:problem:invalid-parameter',
    });
    expect(gateway.requests()).toEqual([]);
  });

  test('that cannot be met is refused at once, with when it is worth another try', async () => {
    await using gateway = await fakeGateway();
    await publishFleet(gateway, { at: new Date().toISOString(), estimatedWaitSeconds: 500 });
    const response = await post(gateway, '/', imageForm(), within(20));
    expect(response.status).toBe(503);
    // 500 - 20, and what passed since.
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(480);
    expect(await response.json()).toMatchObject({ type: 'urn:labelfleet:problem:overloaded' });
    expect(gateway.requests()).toEqual([]);
    expect(await gateway.metric('labelfleet_uploads_total{outcome="overloaded"} 1')).toBe(true);
  });

  /** Nobody is up, and a boot takes 16 s. */
  const publishEmptyFleet = (gateway: FakeGateway) =>
    publishFleet(gateway, {
      at: new Date().toISOString(),
      workers: { booting: 0, idle: 0, busy: 0, draining: 0 },
      queue: { waiting: 0, inFlight: 0, delayed: 0 },
      learned: { ...SNAPSHOT.learned, bootSecondsP50: 16, bootSecondsP95: 20 },
      estimatedWaitSeconds: 16.2,
    });

  test('that cannot be met because no worker is up is told so and when one is, and so is the scaler', async () => {
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

  test('that cannot be met because too many wait is demand as well', async () => {
    await using gateway = await fakeGateway();
    await publishFleet(gateway, { at: new Date().toISOString(), estimatedWaitSeconds: 500 });
    const response = await post(gateway, '/', imageForm(), within(20));
    expect(await response.json()).toMatchObject({
      detail: expect.stringMatching(/^Too many images wait/) as string,
    });
    expect(await gateway.reportedRefusals()).toMatchObject([{ type: 'refused', count: 1 }]);
  });

  test('is never refused by a gateway that cannot tell the scaler: its message is the demand', async () => {
    await using gateway = await fakeGateway({ mute: true });
    await publishEmptyFleet(gateway);
    const [response] = await Promise.all([
      post(gateway, '/', imageForm(), within(10)),
      gateway.completeNext(({ requestId }) => succeeded({ id: requestId })),
    ]);
    expect(response.status).toBe(200);
  });

  test('is refused once and then taken where the scaler cannot be told', async () => {
    await using gateway = await fakeGateway({
      intercept: (operation, resource) => {
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

  test('is taken where the fleet snapshot cannot be read', async () => {
    await using gateway = await fakeGateway({
      intercept: (operation, key) => {
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

  test('that passed while it was being sent is told so, and nothing is queued', async () => {
    let asked = 0;
    const start = Date.now();
    // The first time is the id's; by the next the upload has taken a minute.
    const unixMs = () => (asked++ === 0 ? start : start + 60_000);
    await using gateway = await fakeGateway({ unixMs });
    const response = await post(gateway, '/', imageForm(), within(30));
    expect(response.status).toBe(504);
    expect(gateway.requests()).toEqual([]);
  });
});

describe('at its deadline a waiting image', () => {
  test('is settled: stored, then answered with 504, and later results change nothing', async () => {
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

  test('whose result is there, though its reply is not, gets that', async () => {
    await using gateway = await fakeGateway();
    const answer = post(gateway, '/', imageForm(), within(1));
    await vi.waitFor(() => expect(gateway.requests()).toHaveLength(1));
    await gateway.completeNext(({ requestId }) => succeeded({ id: requestId }), { reply: false });
    expect(await (await answer).text()).toBe('shower curtain');
  });

  test('gets its link where the store cannot be reached: nothing is answered that is not stored', async () => {
    await using gateway = await fakeGateway({
      intercept: (operation, key) => {
        if (operation === 'PutObject' && key.endsWith('.json'))
          throw new AwsCallError(operation, { code: 'ECONNREFUSED', message: 'no' });
      },
    });
    const response = await post(gateway, '/', imageForm(), within(1));
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toContain(response.headers.get('x-request-id'));
  });

  test('that does not wait so long gets its link before', async () => {
    await using gateway = await fakeGateway();
    const response = await post(gateway, '/', imageForm(), { ...within(60), prefer: 'wait=0' });
    expect(response.status).toBe(202);
    expect(await stored(gateway, response.headers.get('x-request-id') ?? '')).toBeNull();
  });
});
