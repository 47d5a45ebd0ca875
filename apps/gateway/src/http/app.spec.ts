import { requestIdSchema } from '@labelfleet/contracts';
import { describe, expect, test } from 'vitest';
import { fakeGateway, post } from '../testing/gateway.ts';
import { someRequestId } from '../testing/results.ts';
import { imageForm } from '../testing/uploads.ts';

describe('the gateway reports', () => {
  test('that it is alive and ready', async () => {
    await using gateway = await fakeGateway();
    expect((await gateway.app.request('/healthz')).status).toBe(200);
    expect((await gateway.app.request('/readyz')).status).toBe(200);
  });

  test('why it is not ready', async () => {
    await using gateway = await fakeGateway({
      beforeCall: (operation) => {
        if (operation === 'GetObject') throw new Error('unreachable');
      },
    });
    const response = await gateway.app.request('/readyz');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      detail:
        'Not ready: the output bucket cannot be reached (failed). The request was not accepted. Try again shortly.',
    });
  });

  test('that its log cannot be written, and is still ready', async () => {
    await using gateway = await fakeGateway({ logOutput: { lostLines: 3, trouble: 'ENOSPC' } });
    const response = await gateway.app.request('/readyz');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: 'ready',
      warnings: [
        'The log cannot be written (ENOSPC). Check whether the disk is full.',
        '3 log lines were lost.',
      ],
    });
  });

  test('its metrics', async () => {
    await using gateway = await fakeGateway();
    const response = await gateway.app.request('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('labelfleet_upload_bytes_in_flight 0');
  });
});

describe('the page', () => {
  test.each([
    ['/', 'text/html'],
    ['/page.css', 'text/css'],
    ['/page.js', 'text/javascript'],
    ['/samples/orange.jpg', 'image/jpeg'],
  ])('has %s', async (path, type) => {
    await using gateway = await fakeGateway();
    const response = await gateway.app.request(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain(type);
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types 'none'");
    expect(await response.text()).not.toMatch(/(src|href|url|import)\s*[=(]?\s*["']?https?:/);
  });
});

describe('every response', () => {
  test.each([
    ['GET', '/nowhere', 404, null],
    ['PUT', '/', 405, 'GET, HEAD, POST'],
    ['GET', '/v1/classifications', 405, 'POST'],
    ['DELETE', `/v1/classifications/${someRequestId()}`, 405, 'GET, HEAD'],
    ['HEAD', '/healthz', 200, null],
    ['HEAD', '/', 200, null],
  ])('to %s %s carries its request id and status %d', async (method, path, status, allow) => {
    await using gateway = await fakeGateway();
    const response = await gateway.app.request(path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get('allow')).toBe(allow);
    const requestId = response.headers.get('x-request-id');
    expect(requestIdSchema.safeParse(requestId).success).toBe(true);
    const body = await response.text();
    if (status >= 400) expect(JSON.parse(body)).toMatchObject({ status, requestId });
    else expect(body).toBe('');
  });

  test.each([
    ['/', 'image/png'],
    ['/v1/classifications', 'text/plain'],
  ])('to a POST to %s that accepts only %s is 406', async (path, accept) => {
    await using gateway = await fakeGateway();
    expect((await post(gateway, path, imageForm(), { accept })).status).toBe(406);
  });
});
