import { getRequestListener, RequestError } from '@hono/node-server';
import { makeRequestId } from '@labelfleet/contracts';
import { EXIT, StartError } from '@labelfleet/runtime';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pause, repeat } from './pause.ts';
import { refusalResponse, refuse } from './problem.ts';

/** Longer than the idle time-out of the load balancers in front (60 s on AWS), so that they close first. */
const KEEP_ALIVE_MS = 65_000;
/** For a whole request to come in: an upload that stalls holds its share of the bytes until then. */
const REQUEST_WITHIN_MS = 120_000;
/** At stop, once nobody waits any more: for answers on their way out. */
const LAST_ANSWERS_MS = 2_000;

export interface HttpServer {
  /** With the port that was taken. */
  readonly url: string;
  /**
   * Takes no more connections, and resolves when the last is closed.
   * @param drainMs how long requests under way may take
   * @param endWaits called after that: those who still wait are to be answered at once
   */
  stop(drainMs: number, endWaits: () => void): Promise<void>;
}

/**
 * Serves an app.
 * @param maxBodyBytes a body declared larger is not even asked for (100 Continue)
 * @throws StartError where the port cannot be had
 */
export async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  { host, port, maxBodyBytes }: { host: string; port: number; maxBodyBytes: number },
): Promise<HttpServer> {
  const answer = getRequestListener(fetch, { errorHandler: withoutApp });
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_WITHIN_MS },
    (incoming, outgoing) => void answer(incoming, outgoing),
  );
  server.on('checkContinue', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const declared = Number(incoming.headers['content-length'] ?? 0);
    if (declared <= maxBodyBytes) outgoing.writeContinue();
    server.emit('request', incoming, outgoing);
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new StartError(
      `Cannot listen on ${host}:${port}: ${(error as NodeJS.ErrnoException).code}`,
      EXIT.unavailable,
      { cause: error },
    );
  }
  const taken = (server.address() as AddressInfo).port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    stop: (drainMs, endWaits) => stop(server, drainMs, endWaits),
  };
}

/** The answer to what the app never saw, such as a request for no valid host. */
function withoutApp(error: unknown): Response {
  const requestId = makeRequestId(Date.now(), randomBytes(10));
  const refusal =
    error instanceof RequestError
      ? refuse('invalid-parameter', `The request cannot be read: ${error.message}.`)
      : refuse('internal-error', 'This is a fault of the gateway.');
  const response = refusalResponse(refusal, requestId);
  response.headers.set('x-request-id', requestId);
  return response;
}

async function stop(server: Server, drainMs: number, endWaits: () => void): Promise<void> {
  const closed = new AbortController();
  server.close(() => closed.abort());
  // A connection kept alive becomes idle after its last answer, and nobody else closes it then.
  const closing = repeat(100, closed.signal, async () => server.closeIdleConnections());
  await pause(drainMs, closed.signal);
  if (!closed.signal.aborted) endWaits();
  await pause(LAST_ANSWERS_MS, closed.signal);
  server.closeAllConnections();
  await closing;
}
