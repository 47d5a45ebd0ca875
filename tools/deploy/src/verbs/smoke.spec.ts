import type { FleetInstance } from '@labelfleet/aws/fleet';
import { systemClock } from '@labelfleet/runtime';
import { startHttpServer } from '@labelfleet/testkit/http-server';
import { expect, test } from 'vitest';
import { smokeTest } from './smoke.ts';

const instance = { instanceId: 'i-1', state: 'running' } as FleetInstance;

/** Runs the test against a server with one answer and a fleet of these sizes, one after the other. */
async function smoke(status: number, body: string, fleetSizes: number[], apiKey?: string) {
  const requests: (string | undefined)[] = [];
  await using server = await startHttpServer((request, response) => {
    const { 'content-type': type, authorization } = request.headers;
    requests.push(request.method, request.url, type, authorization);
    response.writeHead(status).end(body);
  });
  const lines: string[] = [];
  const fleet = { list: async () => Array<FleetInstance>(fleetSizes.shift() ?? 0).fill(instance) };
  const test = {
    fleetName: 'lf',
    url: server.url,
    image: new Uint8Array([1]),
    expectedLabel: 'ladybug',
    apiKey,
  };
  await smokeTest(test, { fleet, clock: systemClock, tell: (line) => lines.push(line) }, 1);
  return { requests, lines };
}

test('sends an image and waits until the fleet is empty', async () => {
  const { requests, lines } = await smoke(200, 'ladybug\n', [2, 2, 1]);
  expect(requests).toEqual(['POST', '/', 'image/jpeg', undefined]);
  expect(lines).toEqual([
    expect.stringMatching(/^ladybug after \d+\.\d s$/),
    '2 workers; waiting until there is none',
    'the fleet is empty',
  ]);
});

test.each([
  [200, 'goldfish'],
  [202, 'ladybug'],
  [503, '{"type":"urn:labelfleet:problem:overloaded"}'],
  [502, '<html>bad gateway</html>'],
])('fails at %s %s', async (status, body) => {
  await expect(smoke(status, body, [])).rejects.toMatchObject({
    exitCode: 70,
    message: `Expected 200 and ladybug; got ${status} and ${body}.`,
  });
});

test('sends its API key, or says that it needs one', async () => {
  const { requests } = await smoke(200, 'ladybug\n', [], 'lf_1_secret');
  expect(requests.at(-1)).toBe('Bearer lf_1_secret');
  await expect(smoke(401, '{}', [])).rejects.toMatchObject({
    exitCode: 78,
    message: expect.stringContaining('Set LABELFLEET_API_KEY.') as string,
  });
});

test('says why a server cannot be reached', async () => {
  const { url, ...server } = await startHttpServer(() => undefined);
  await server[Symbol.asyncDispose]();
  const test = { fleetName: 'lf', url, image: new Uint8Array([1]), expectedLabel: 'ladybug' };
  const fleet = { list: async () => [] };
  const tried = smokeTest(test, { fleet, clock: systemClock, tell: () => undefined });
  await expect(tried).rejects.toMatchObject({
    exitCode: 69,
    message: expect.stringMatching(`^${url.href} does not answer\\. Nothing listens`) as string,
  });
});
