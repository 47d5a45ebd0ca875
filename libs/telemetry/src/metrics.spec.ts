import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { GATEWAY_METRICS } from './definitions/gateway.ts';
import { PROCESS_METRICS } from './definitions/process.ts';
import { SCALER_METRICS } from './definitions/scaler.ts';
import { WORKER_METRICS } from './definitions/worker.ts';
import { makeMetrics } from './make-metrics.ts';
import { METRICS } from './metrics.ts';
import { addProcessMetrics } from './process-metrics.ts';
import { hasPromtool, NEEDS_PROMTOOL, promtool } from './testing/index.ts';

const APPS = { gateway: GATEWAY_METRICS, worker: WORKER_METRICS, scaler: SCALER_METRICS };

test.skipIf(!hasPromtool).each(Object.entries(APPS))(
  `promtool accepts what a %s serves${NEEDS_PROMTOOL}`,
  async (_, definitions) => {
    const registry = new Registry();
    makeMetrics(registry, definitions);
    addProcessMetrics(registry);
    expect(promtool(['check', 'metrics'], await registry.metrics())).toEqual({
      code: 0,
      output: '',
    });
  },
);

test.skipIf(!hasPromtool)(`promtool refuses a metric against the rules${NEEDS_PROMTOOL}`, () => {
  const { code, output } = promtool(['check', 'metrics'], '# TYPE a_total gauge\na_total 1\n');
  expect(code).not.toBe(0);
  expect(output).toContain('_total');
});

test('no two apps have a metric of the same name', () => {
  const all = [...Object.values(APPS), PROCESS_METRICS].flatMap((each) => Object.keys(each));
  expect(new Set(all).size).toBe(all.length);
  expect(Object.keys(METRICS)).toHaveLength(all.length);
});

test('a counter begins with 0 for each known value of its label, so that its first increment is seen', async () => {
  const registry = new Registry();
  makeMetrics(registry, SCALER_METRICS);
  const text = await registry.metrics();
  expect(text).toContain('labelfleet_dead_letters_total{outcome="malformed"} 0\n');
  expect(text).not.toContain('labelfleet_boots_failed_total{');
});

test('a level is read when the metrics are scraped', async () => {
  const registry = new Registry();
  let waiters = 1;
  makeMetrics(registry, GATEWAY_METRICS, { labelfleet_waiters: () => waiters });
  waiters = 2;
  expect(await registry.metrics()).toContain('labelfleet_waiters 2\n');
});

test('a blocked event loop shows', async () => {
  const registry = new Registry();
  addProcessMetrics(registry);
  const text = () => registry.getSingleMetricAsString('labelfleet_event_loop_delay_seconds');
  const timersUntil = async (le: string) =>
    Number(new RegExp(`le="${le}"} (\\d+)`).exec(await text())?.[1]);
  await expect.poll(() => timersUntil('\\+Inf')).toBeGreaterThan(0);
  const endMs = performance.now() + 500;
  while (performance.now() < endMs);
  const late = async () => (await timersUntil('\\+Inf')) - (await timersUntil('0.25'));
  await expect.poll(late).toBeGreaterThan(0);
});
