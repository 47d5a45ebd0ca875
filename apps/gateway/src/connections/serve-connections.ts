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
import { refusalResponse, refuse, refuseOverloaded, type Refusal } from '../http/problem.ts';
import { respondRaw, endLingering } from './raw-response.ts';
import { closeLingering, type GatewayEnv } from '../http/request-scope.ts';
import { unreadableRefusal } from './unreadable-request.ts';
import { RequestBody } from '../upload/request-body.ts';

export interface ServeDeps {
  fetch: (request: Request, env: GatewayEnv['Bindings']) => Response | Promise<Response>;
  log: Logger;
  metrics: Pick<Metrics, 'unreadableRequests'>;
}

/** A request that was read at least as far as its headers, and its answer. */
interface Exchange {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
}

/**
 * Answers what comes on the connections of a server: requests by the app, and what cannot be read as HTTP, which Node
 * would answer with a bare status or not at all, with a problem document behind the answers before it.
 */
export function serveConnections(
  server: Server,
  { fetch, log, metrics }: ServeDeps,
  limit: ConnectionLimit,
): void {
  /** The answer to what the app never sees. */
  const unreadable = (refusal: Refusal, error?: unknown): Response => {
    const requestId = makeRequestId(Date.now(), randomBytes(10));
    const response = refusalResponse(refusal, requestId);
    response.headers.set('x-request-id', requestId);
    metrics.unreadableRequests.inc({ status: response.status });
    const fields = { event: 'request.unreadable', requestId, status: response.status };
    if (refusal.code === 'internal-error') log.error({ ...fields, error }, 'request failed');
    else log.info({ ...fields, detail: refusal.detail }, 'unreadable request refused');
    return response;
  };

  /** Those under way on each connection, in the order they came in: the first is the one being answered. */
  const exchanges = new WeakMap<Socket, Set<Exchange>>();
  const last = new WeakMap<Socket, Exchange>();
  /** Their last answer is on its way: nothing that comes is taken any more. */
  const ended = new WeakSet<Socket>();
  const waitingToContinue = new WeakSet<object>();

  const respond = getRequestListener(
    (request, { incoming, outgoing }) => {
      const fault = headFault(incoming);
      if (fault !== undefined) {
        return closeLingering(
          unreadable(fault),
          new RequestBody(bodyOf(incoming as IncomingMessage)),
        );
      }
      const sendContinue = () => {
        if (waitingToContinue.delete(outgoing) && !outgoing.headersSent) outgoing.writeContinue();
      };
      return fetch(request, { sendContinue, body: () => bodyOf(incoming as IncomingMessage) });
    },
    {
      hostname: 'localhost',
      errorHandler: (error) =>
        unreadable(
          error instanceof RequestError
            ? refuse('malformed-request', `The address cannot be read: ${error.message}.`)
            : refuse('internal-error', 'This is a fault of the gateway.'),
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
    outgoing.on('close', () => {
      underWay.delete(exchange);
      if (underWay.size === 0) limit.idle(socket);
    });
    // A body that turns out to be broken is told to whoever reads it, and ends nothing where nobody does.
    incoming.on('error', () => undefined);
    // RFC 9112, section 3.2.4: the asterisk asks about the server; it is answered as for its root.
    if (incoming.method === 'OPTIONS' && incoming.url === '*') incoming.url = '/';
    void respond(incoming, outgoing);
  };
  server.on('request', take);
  server.on('checkExpectation', take);
  server.on('checkContinue', (incoming, outgoing) => {
    waitingToContinue.add(outgoing);
    take(incoming, outgoing);
  });

  // A client may end its side after its request and still wait for the answer; Node knows this switch but does
  // not document it (lib/_http_server.js, socketOnEnd).
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

  /** Refuses what comes behind the last request, once all requests before it are answered. */
  const answerLast = (socket: Socket, refusal: Refusal) => {
    const answer = () => {
      if (socket.writable) void respondRaw(socket, unreadable(refusal));
    };
    const before = last.get(socket)?.outgoing;
    if (before === undefined || before.closed) answer();
    else before.on('close', answer);
  };
  server.on('clientError', (error: NodeJS.ErrnoException & { code: string }, stream) => {
    const socket = stream as Socket;
    // Each piece that comes behind the first fault is a fault again.
    if (ended.has(socket)) return;
    ended.add(socket);
    const refusal = socket.writable ? unreadableRefusal(error) : undefined;
    if (refusal === undefined) return void socket.destroy();
    const exchange = last.get(socket);
    if (exchange === undefined || exchange.incoming.complete) return answerLast(socket, refusal);
    // The last request's own body is broken: its reader refuses it, and no second answer follows.
    const { incoming, outgoing } = exchange;
    const end = () => endLingering(socket, Buffer.alloc(0));
    if (outgoing.closed) return end();
    outgoing.on('close', end);
    // Later, as the reader may not listen yet: the fault can come in one piece with the headers.
    setImmediate(() => incoming.emit('error', error));
  });
  server.on('connect', (_incoming, stream) => {
    const socket = stream as Socket;
    // Node has let go of the connection.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const { outgoing } of exchanges.get(socket) ?? []) outgoing.destroy();
    });
    const allow = 'GET, HEAD, POST, OPTIONS';
    const refusal = refuse('method-not-allowed', `This is no proxy: it takes ${allow}.`, { allow });
    answerLast(socket, refusal);
  });
}

/**
 * The body as it comes off the wire: each read takes all that has come, so that a client which sends chunks of one
 * byte does not cost a thousand times what others do.
 */
const bodyOf = (incoming: IncomingMessage): ReadableStream<Uint8Array> =>
  // Destroying the request would end its connection before the answer.
  ReadableStream.from(incoming.iterator({ destroyOnReturn: false }));

const tooManyConnections = refuseOverloaded(
  'Too many connections are open. Come again after the time in Retry-After.',
);
