import { encodeStoredResult, resultKey } from '@labelfleet/contracts';
import { describe, expect, test, vi } from 'vitest';
import { fakeGateway, post, type FakeGateway } from '../testing/gateway.ts';
import { failed, someRequestId, succeeded } from '../testing/results.ts';
import { JPEG, imageForm } from '../testing/uploads.ts';

describe('GET /v1/classifications/{id}', () => {
  const put = (gateway: FakeGateway, result: ReturnType<typeof succeeded | typeof failed>) =>
    gateway.output.put(resultKey(result.id), encodeStoredResult(result), {
      contentType: 'application/json',
    });

  test('returns a result, and 304 to a client that has it', async () => {
    await using gateway = await fakeGateway();
    const result = succeeded();
    await put(gateway, result);
    const response = await gateway.app.request(`/v1/classifications/${result.id}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({ id: result.id, label: 'shower curtain' });
    const etag = response.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]+"$/);
    const again = await gateway.app.request(`/v1/classifications/${result.id}`, {
      headers: { 'if-none-match': etag },
    });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  test('returns a failed result with status 200', async () => {
    await using gateway = await fakeGateway();
    const result = failed(someRequestId(), 'attempts-exhausted');
    await put(gateway, result);
    const response = await gateway.app.request(`/v1/classifications/${result.id}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'failed',
      problem: { status: 500, requestId: result.id },
    });
  });

  test('returns file name and time of a queued request', async () => {
    await using gateway = await fakeGateway();
    const sent = await post(gateway, '/', imageForm(JPEG, 'Zürich.jpg'), {
      prefer: 'respond-async',
    });
    const location = sent.headers.get('location') ?? '';
    const response = await gateway.app.request(location);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('retry-after')).toBe('5');
    const queued = (await response.json()) as { submittedAt: string };
    expect(queued).toEqual({
      id: sent.headers.get('x-request-id'),
      status: 'queued',
      fileName: 'Zürich.jpg',
      submittedAt: gateway.requests()[0]?.submittedAt,
      links: { self: location },
    });
  });

  test('waits for a reply to this gateway if the caller prefers it', async () => {
    await using gateway = await fakeGateway();
    const sent = await post(gateway, '/', imageForm(), { prefer: 'respond-async' });
    const answer = gateway.app.request(sent.headers.get('location') ?? '', {
      headers: { prefer: 'wait=20' },
    });
    await vi.waitFor(() => expect(gateway.pending.size).toBe(1));
    await gateway.completeNext(({ requestId }) => succeeded({ id: requestId }));
    const response = await answer;
    expect(response.headers.get('preference-applied')).toBe('wait=20');
    expect(await response.json()).toMatchObject({ status: 'succeeded' });
  });

  test('reads the store again after its wait, for a reply that went to another gateway', async () => {
    await using gateway = await fakeGateway();
    const sent = await post(gateway, '/', imageForm(), { prefer: 'respond-async' });
    const id = sent.headers.get('x-request-id') ?? '';
    const answer = gateway.app.request(`/v1/classifications/${id}`, {
      headers: { prefer: 'wait=1' },
    });
    await vi.waitFor(() => expect(gateway.pending.size).toBe(1));
    await put(gateway, succeeded({ id }));
    expect(await (await answer).json()).toMatchObject({ status: 'succeeded' });
  });

  test.each([someRequestId(), 'x', '../etc', '00000000-0000-4000-8000-000000000000'])(
    'returns 404 for %s',
    async (id) => {
      await using gateway = await fakeGateway();
      const response = await gateway.app.request(`/v1/classifications/${encodeURIComponent(id)}`, {
        headers: { prefer: 'wait=5' },
      });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ type: 'urn:labelfleet:problem:not-found' });
    },
  );

  test('returns 500 for a malformed stored result', async () => {
    await using gateway = await fakeGateway();
    const id = someRequestId();
    await gateway.output.put(resultKey(id), '{"v":2}', { contentType: 'application/json' });
    const response = await gateway.app.request(`/v1/classifications/${id}`);
    expect(await response.json()).toMatchObject({ status: 500 });
  });
});
