import { GATEWAY_METRICS } from './definitions/gateway.ts';
import { PROCESS_METRICS } from './definitions/process.ts';
import { SCALER_METRICS } from './definitions/scaler.ts';
import { WORKER_METRICS } from './definitions/worker.ts';

/** The metrics of all apps. */
export const METRICS = {
  ...GATEWAY_METRICS,
  ...WORKER_METRICS,
  ...SCALER_METRICS,
  ...PROCESS_METRICS,
};

export type MetricName = keyof typeof METRICS;
