import type { Logger } from '@labelfleet/runtime';
import type { Metrics } from '../metrics.ts';

/** What the app knows about a request, for its line in the log. It is filled in while the request is handled. */
export interface AccessFields {
  /** Absent until the app has the request. */
  requestId?: string;
  traceId?: string | undefined;
  caller?: string;
  client?: string | undefined;
  /** The pattern of the address, such as `/v1/classifications/:id`. */
  route?: string;
  /** Bytes of the body that were read. */
  bytesIn?: number;
  problem?: string;
  detail?: string;
  /** How the wait for the result ended. */
  waitEnded?: string;
  replayed?: true;
}

/** An exchange whose response was sent, or whose connection has closed. */
interface EndedExchange {
  method: string;
  /** Without the query. */
  path: string;
  status: number;
  ms: number;
  bytesOut: number;
}

/** nginx's status for a client that disconnected before its response. */
export const CLIENT_CLOSED = 499;

/** These are asked all the time, so that a line for each would hide the others. */
const POLLED: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics', '/v1/fleet']);

export type AccessLog = (exchange: EndedExchange, fields: AccessFields) => void;

/** Logs one line for each request, and observes its duration. */
export const createAccessLog =
  (
    log: Pick<Logger, 'info' | 'debug'>,
    { httpRequests }: Pick<Metrics, 'httpRequests'>,
  ): AccessLog =>
  (exchange, { route, ...fields }) => {
    const { status, ms } = exchange;
    httpRequests.observe({ route: route ?? 'none', status }, ms / 1000);
    // A request that never reached the app has its line as unreadable.
    if (fields.requestId === undefined) return;
    const line = { event: 'http.request', ...exchange, ...fields };
    if (route !== undefined && POLLED.has(route) && status < 400) log.debug(line, 'request served');
    else log.info(line, 'request served');
  };
