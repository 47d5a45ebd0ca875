import { getRequestListener, RequestError } from '@hono/node-server';
import { makeRequestId } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionLimit } from './connection-limit.ts';
import { sendPrefixEarly } from './half-closed.ts';
import { headFault } from './head-fault.ts';
import type { Metrics } from '../metrics.ts';
import { CLIENT_CLOSED, type AccessFields, type AccessLog } from '../http/access-log.ts';
import { SECURITY_HEADERS } from '../http/security-headers.ts';
import { refusalResponse, refuse, refuseOverloaded, type Refusal } from '../http/problem.ts';
import { respondRaw, endLingering } from './raw-response.ts';
import { closeLingering, type GatewayEnv } from '../http/request-scope.ts';
import { unreadableRefusal } from './unreadable-request.ts';
import { RequestBody } from '../upload/request-body.ts';

export interface ServeDeps {
  fetch: (request: Request, env: GatewayEnv['Bindings']) => Response | Promise<Response>;
  log: Logger;
  accessLog: AccessLog;
  metrics: Pick<Metrics, 'unreadableRequests'>;
}

/** A request whose headers were read, and its response. */
interface Exchange {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
}

/**
 * Serves the connections of a server. Requests go to the app. Input that cannot be parsed as HTTP, to which Node would
 * respond with a bare status or nothing, gets a problem document after the responses to the requests before it.
 */
export function serveConnections(
  server: Server,
  { fetch, log, metrics, accessLog }: ServeDeps,
  limit: ConnectionLimit,
): void {
  /** The response to input that never reaches the app. */
  const unreadable = (refusal: Refusal, error?: unknown): Response => {
    const requestId = makeRequestId(Date.now(), randomBytes(10));
    const response = refusalResponse(refusal, requestId);
    response.headers.set('x-request-id', requestId);
    for (const [name, value] of SECURITY_HEADERS) response.headers.set(name, value);
    metrics.unreadableRequests.inc({ status: response.status });
    const fields = { event: 'request.unreadable', requestId, status: response.status };
    if (refusal.code === 'internal-error') log.error({ ...fields, error }, 'request failed');
    else log.info({ ...fields, detail: refusal.detail }, 'unreadable request refused');
    return response;
  };

  /** The exchanges under way on each connection, oldest first; the first is the one being responded to. */
  const exchanges = new WeakMap<Socket, Set<Exchange>>();
  const last = new WeakMap<Socket, Exchange>();
  /** Connections whose last response is being sent: further input is ignored. */
  const ended = new WeakSet<Socket>();
  const waitingToContinue = new WeakSet<object>();
  const accesses = new WeakMap<object, AccessFields>();

  const respond = getRequestListener(
    (request, { incoming, outgoing }) => {
      const fault = headFault(incoming);
      if (fault !== undefined) {
        return closeLingering(unreadable(fault), new RequestBody(incoming));
      }
      const sendContinue = () => {
        if (waitingToContinue.delete(outgoing) && !outgoing.headersSent) outgoing.writeContinue();
      };
      const { remoteAddress: peer } = incoming.socket;
      const access = accesses.get(incoming) ?? {};
      return fetch(request, { sendContinue, body: incoming, peer, access });
    },
    {
      hostname: 'localhost',
      errorHandler: (error) =>
        unreadable(
          error instanceof RequestError
            ? refuse('malformed-request', `The request's URL is invalid: ${error.message}.`)
            : refuse('internal-error', 'The gateway has a defect; its log names the request id.'),
          error,
        ),
    },
  );
  const take = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { socket } = incoming;
    if (ended.has(socket)) return;
    limit.busy(socket);
    const exchange = { incoming, outgoing };
    const underWay = exchanges.get(socket) ?? new Set();
    exchanges.set(socket, underWay.add(exchange));
    last.set(socket, exchange);
    const access: AccessFields = {};
    accesses.set(incoming, access);
    const { method = '', url = '' } = incoming;
    const [beganAtMs, bytesBefore] = [performance.now(), socket.bytesWritten];
    outgoing.on('close', () => {
      const [path = ''] = url.split('?', 1);
      accessLog(
        {
          method,
          path,
          status: outgoing.headersSent ? outgoing.statusCode : CLIENT_CLOSED,
          ms: Math.round(performance.now() - beganAtMs),
          bytesOut: socket.bytesWritten - bytesBefore,
        },
        access,
      );
      underWay.delete(exchange);
      if (underWay.size === 0) limit.idle(socket);
    });
    // The reader of a broken body gets the error. Without this listener the error would end the process when there is none.
    incoming.on('error', () => undefined);
    // RFC 9112, section 3.2.4: the asterisk asks about the server. The response is that of the root.
    if (incoming.method === 'OPTIONS' && incoming.url === '*') incoming.url = '/';
    void respond(incoming, outgoing);
  };
  server.on('request', take);
  server.on('checkExpectation', take);
  server.on('checkContinue', (incoming, outgoing) => {
    waitingToContinue.add(outgoing);
    take(incoming, outgoing);
  });

  // A client may end its side after its request and still wait for the response. Node has this option but does not
  // document it (lib/_http_server.js, socketOnEnd).
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('connection', (socket) => {
    if (!limit.add(socket)) {
      ended.add(socket);
      void respondRaw(socket, unreadable(tooManyConnections));
      return;
    }
    socket.on('end', () => {
      const [first] = exchanges.get(socket) ?? [];
      if (first !== undefined) sendPrefixEarly(socket, first.outgoing);
    });
  });

  /** Refuses the input after the last request, once all requests before it have their responses. */
  const respondLast = (socket: Socket, refusal: Refusal) => {
    const respondNow = () => {
      if (socket.writable) void respondRaw(socket, unreadable(refusal));
    };
    const before = last.get(socket)?.outgoing;
    if (before === undefined || before.closed) respondNow();
    else before.on('close', respondNow);
  };
  server.on('clientError', (error: NodeJS.ErrnoException & { code: string }, stream) => {
    const socket = stream as Socket;
    // Each piece of input after the first fault raises this event again.
    if (ended.has(socket)) return;
    ended.add(socket);
    const refusal = socket.writable ? unreadableRefusal(error) : undefined;
    if (refusal === undefined) return void socket.destroy();
    const exchange = last.get(socket);
    if (exchange === undefined || exchange.incoming.complete) return respondLast(socket, refusal);
    // The body of the last request is broken: its reader refuses it, and no second response follows.
    const { incoming, outgoing } = exchange;
    const end = () => endLingering(socket, Buffer.alloc(0));
    if (outgoing.closed) return end();
    outgoing.on('close', end);
    // Deferred, because the fault can arrive in one piece with the headers, before the reader listens.
    setImmediate(() => incoming.emit('error', error));
  });
  server.on('connect', (_incoming, stream) => {
    const socket = stream as Socket;
    // Node no longer handles the errors of this connection.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const { outgoing } of exchanges.get(socket) ?? []) outgoing.destroy();
    });
    const allow = 'GET, HEAD, POST, OPTIONS';
    const refusal = refuse(
      'method-not-allowed',
      `CONNECT is not supported, because this server is no proxy. Use ${allow}.`,
      { allow },
    );
    respondLast(socket, refusal);
  });
}

const tooManyConnections = refuseOverloaded(
  'Too many connections are open. Try again after the time in Retry-After.',
);
