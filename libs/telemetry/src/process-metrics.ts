import { logOutput } from '@labelfleet/runtime';
import { collectDefaultMetrics, type Registry } from 'prom-client';
import { PROCESS_METRICS } from './definitions/process.ts';
import { makeMetrics, type Instruments } from './make-metrics.ts';

export type ProcessMetrics = Instruments<typeof PROCESS_METRICS>;

/**
 * Names of prom-client that break Prometheus' rules (gauges that end with _total), and its event loop lag, which
 * starts anew with each scrape and so is wrong for two scrapers.
 */
const UNWANTED = /^nodejs_(active_\w+_total|eventloop_lag_\w+)$/;

/** Adds what every app measures: its process, its event loop, its log and its calls to AWS. */
export function addProcessMetrics(registry: Registry): ProcessMetrics {
  // The slowest, because nothing reads it.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 60_000 });
  for (const { name } of registry.getMetricsAsArray())
    if (UNWANTED.test(name)) registry.removeSingleMetric(name);
  const metrics = makeMetrics(registry, PROCESS_METRICS, {
    labelfleet_log_lines_lost: () => logOutput.lostLines,
  });
  watchEventLoop((seconds) => metrics.labelfleet_event_loop_delay_seconds.observe(seconds));
  return metrics;
}

const EVERY_MS = 100;

function watchEventLoop(observe: (seconds: number) => void): void {
  let beganAtMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    observe(Math.max(0, nowMs - beganAtMs - EVERY_MS) / 1000);
    beganAtMs = nowMs;
  }, EVERY_MS);
  timer.unref();
}
