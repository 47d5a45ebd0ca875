import type { Handler } from 'hono';
import type { Metrics } from '../metrics.ts';
import type { GatewayEnv } from '../http/request-scope.ts';

/** Returns the metrics in Prometheus' text format. */
export const readMetrics =
  ({ registry }: Pick<Metrics, 'registry'>): Handler<GatewayEnv> =>
  async (c) =>
    c.body(await registry.metrics(), 200, { 'content-type': registry.contentType });
