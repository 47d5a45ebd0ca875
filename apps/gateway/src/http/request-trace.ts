import type { Tracing } from '@labelfleet/telemetry';
import type { Context, MiddlewareHandler } from 'hono';
import type { GatewayEnv } from './request-scope.ts';
import { continueTrace } from './traceparent.ts';

/** Names the route of a request in the access log and the metrics, and records its span if it uses the API. */
export const nameRoute =
  (route: string, tracing: Tracing | undefined): MiddlewareHandler<GatewayEnv> =>
  async (c, next) => {
    c.var.access.route = route;
    const { method, path } = c.req;
    // The fleet is asked all the time.
    const isTraced = method === 'POST' || (route.startsWith('/v1/') && route !== '/v1/fleet');
    if (tracing === undefined || !isTraced) return next();
    const span = tracing.startSpan(`${method} ${route}`, {
      kind: 'server',
      parent: c.req.header('traceparent'),
      attributes: { 'http.request.method': method, 'http.route': route, 'url.path': path },
    });
    c.set('span', span);
    await next();
    const { status } = c.res;
    span.set({
      'http.response.status_code': status,
      'labelfleet.request.id': c.var.requestId,
      'labelfleet.wait.ended': c.var.access.waitEnded,
    });
    span.end(status >= 500 ? new Error(`HTTP ${status}`) : undefined);
  };

/** The trace context that what follows from a request carries: that of its span, else the caller's or a new one. */
export const traceparentOf = (
  c: Context<GatewayEnv>,
  randomBytes: (count: number) => Uint8Array,
): string => c.var.span?.traceparent ?? continueTrace(c.req.header('traceparent'), randomBytes(24));
