import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { startOtlpReceiver } from '../testing/index.ts';
import { inSpan, isSampled, openTracing, type TracingConfig } from './tracing.ts';

const config = (overrides: Partial<TracingConfig>): TracingConfig => ({
  endpoint: 'http://127.0.0.1:1',
  sampledShare: 1,
  app: 'worker',
  instance: 'i-1',
  onExportFailed: (error) => {
    throw error;
  },
  ...overrides,
});

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331';

test('spans arrive with their parents, links, kinds and attributes', async () => {
  await using receiver = await startOtlpReceiver();
  {
    await using tracing = await openTracing(config({ endpoint: receiver.endpoint }));
    const parent = tracing?.startSpan('parent', {
      kind: 'server',
      parent: `${CALLER}-01`,
      attributes: { 'http.route': '/', absent: undefined },
    });
    const other = tracing?.startSpan('other', { kind: 'client', links: [`${CALLER}-01`, 'none'] });
    const failing = inSpan(
      tracing,
      'child',
      { kind: 'consumer', parent: parent?.traceparent },
      () => Promise.reject(new TypeError('refused')),
    );
    await expect(failing).rejects.toThrow('refused');
    other?.end();
    parent?.end();
  }
  const byName = Object.fromEntries(receiver.spans.map((span) => [span.name, span]));
  expect(byName).toMatchObject({
    parent: {
      service: 'labelfleet-worker',
      kind: 'server',
      traceId: CALLER.slice(3, 35),
      parentSpanId: CALLER.slice(36),
      attributes: { 'http.route': '/' },
      failed: false,
    },
    child: {
      kind: 'consumer',
      traceId: CALLER.slice(3, 35),
      parentSpanId: byName['parent']?.spanId,
      attributes: { 'error.type': 'TypeError' },
      failed: true,
    },
    other: { kind: 'client', links: [CALLER.slice(36)] },
  });
  expect(byName['other']?.traceId).not.toBe(CALLER.slice(3, 35));
});

test.each([
  { name: 'the caller has not sampled', parent: `${CALLER}-00`, sampledShare: 1 },
  { name: 'is not in the share', parent: undefined, sampledShare: 0 },
])('a trace that $name is not exported, and says so to the next', async (each) => {
  await using receiver = await startOtlpReceiver();
  {
    await using tracing = await openTracing(config({ ...each, endpoint: receiver.endpoint }));
    const span = tracing?.startSpan('a', { kind: 'server', parent: each.parent });
    span?.end();
    expect(isSampled(span?.traceparent)).toBe(false);
  }
  expect(receiver.spans).toEqual([]);
});

test('a collector that does not answer costs a process its last 2 s at most, and is reported', async () => {
  const collector = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const failures: unknown[] = [];
  const tracing = await openTracing(
    config({
      endpoint: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
      onExportFailed: (error) => failures.push(error),
    }),
  );
  tracing?.startSpan('a', { kind: 'server' }).end();
  const beganAtMs = performance.now();
  await tracing?.[Symbol.asyncDispose]();
  expect(performance.now() - beganAtMs).toBeLessThan(4_000);
  expect(failures).toHaveLength(1);
  collector.closeAllConnections();
  collector.close();
});
