import { openTracing, STEPS } from '@labelfleet/telemetry';
import { startOtlpReceiver } from '@labelfleet/telemetry/testing';
import { expect, test } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { openBench, unreachable } from '../testing/bench.ts';

const forever = new AbortController().signal;
const newMetrics = () =>
  createMetrics({ slots: 2, openRequests: () => 0, classifierQueue: () => 0 });

/** The lines of a metric whose value is not 0, without buckets and its name. */
async function linesOf({ registry }: ReturnType<typeof createMetrics>, name: string) {
  const text = await registry.getSingleMetricAsString(name);
  return text
    .split('\n')
    .filter((line) => /^labelfleet_(?!\w+_(bucket|sum))/.test(line) && !line.endsWith(' 0'))
    .map((line) => line.replace(/^\w+/, ''))
    .toSorted();
}

test('a completed delivery counts, with each of its steps', async () => {
  const metrics = newMetrics();
  const { handle, submit, receive } = await openBench({ metrics });
  await submit();
  await handle(await receive(), forever);
  expect(await linesOf(metrics, 'labelfleet_deliveries_total')).toEqual([
    '{outcome="completed"} 1',
  ]);
  expect(await linesOf(metrics, 'labelfleet_attempts_total')).toEqual(['{outcome="classified"} 1']);
  const steps = ['classify', 'delete', 'fetch', 'reply', 'store'];
  const waits = ['wait-for-classifier', 'wait-for-slot'];
  expect(await linesOf(metrics, 'labelfleet_step_seconds')).toEqual(
    [...steps, ...waits].map((step) => `{step="${step}"} 1`),
  );
  expect(STEPS).toEqual(expect.arrayContaining([...steps, ...waits]));
});

test('a call that never succeeds ends in a released delivery and no attempt', async () => {
  const metrics = newMetrics();
  const bench = await openBench({ metrics }, (step) => {
    if (step === 'fetch') throw unreachable;
  });
  await bench.submit();
  const handled = bench.handle(await bench.receive(), forever);
  let isOver = false;
  void handled.then(() => (isOver = true));
  while (!isOver) await bench.clock.advance(60_000);
  expect(await handled).toBe('released');
  expect(await linesOf(metrics, 'labelfleet_deliveries_total')).toEqual(['{outcome="released"} 1']);
  expect(await linesOf(metrics, 'labelfleet_attempts_total')).toEqual([]);
});

test('the reply carries the span of its send, whose trace is that of the request', async () => {
  await using receiver = await startOtlpReceiver();
  const tracing = await openTracing({
    endpoint: receiver.endpoint,
    sampledShare: 0,
    app: 'worker',
    instance: 'i-1',
    onExportFailed: (error) => {
      throw error;
    },
  });
  const { handle, submit, receive, untraced, sqs, replyTo } = await openBench({ tracing });
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  await submit({}, { attributes: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } });
  await handle(await receive(), forever);
  await tracing?.[Symbol.asyncDispose]();
  const options = { maxMessages: 1, waitSeconds: 0, visibilityTimeoutSeconds: 30 };
  const [reply] = await untraced(() => sqs.queue(replyTo).receive(options));
  const sending = receiver.spans.find(({ name }) => name === 'send (temporary)');
  expect(reply?.attributes).toEqual({ traceparent: `00-${traceId}-${sending?.spanId}-01` });
  expect(new Set(receiver.spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
});
