import { EXIT, sleep, StartError } from '@labelfleet/runtime';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConnectionLimit, MAKES_ROOM_AFTER_MS } from './connection-limit.ts';
import { connectionRoom, openFilesLimit } from './open-files.ts';
import { repeat } from '../replies/repeat.ts';
import { serveConnections, type ServeDeps } from './serve-connections.ts';

/** Limit for receiving a request line and headers; it holds for connections that send nothing too. */
const HEADERS_WITHIN_MS = 20_000;
/** Limit for receiving a whole request. */
const REQUEST_WITHIN_MS = 120_000;
/** How often Node checks the two limits above. */
const CHECK_CONNECTIONS_MS = 1_000;
/** After this silence TCP probes the client: a machine that is gone sends nothing, not even a FIN. */
const PROBE_SILENT_AFTER_MS = 30_000;
/**
 * Connections that the system accepts before the gateway does. It resets those beyond, and with Node's 511 it did:
 * 4,096 clients can connect within one slow turn of the event loop. The system may cap it (net.core.somaxconn, 4096).
 */
const BACKLOG = 10_000;
/** At stop, when no caller waits any more, responses have this long to be sent. */
const LAST_RESPONSES_MS = 2_000;

export interface HttpServer {
  /** Contains the actual port. */
  readonly url: string;
  /**
   * Accepts no more connections, and resolves when the last is closed.
   * @param drainMs the time that requests under way may take
   * @param endWaits called after that time; it must end every wait, so that the callers get their responses
   */
  stop(drainMs: number, endWaits: () => void): Promise<void>;
}

export interface ListenSettings {
  host: string;
  /** 0 means any free port. */
  port: number;
  /** How long an idle connection is kept open. */
  keepAliveMs: number;
  headersWithinMs?: number;
  requestWithinMs?: number;
  /** What fits into the open files of this process where absent. */
  maxConnections?: number;
  makesRoomAfterMs?: number;
}

/**
 * Serves an app over HTTP.
 * @throws StartError if the port cannot be opened
 */
export async function listen(deps: ServeDeps, settings: ListenSettings): Promise<HttpServer> {
  const { host, port } = settings;
  const server = createServer({
    keepAliveTimeout: settings.keepAliveMs,
    headersTimeout: settings.headersWithinMs ?? HEADERS_WITHIN_MS,
    requestTimeout: settings.requestWithinMs ?? REQUEST_WITHIN_MS,
    connectionsCheckingInterval: CHECK_CONNECTIONS_MS,
    keepAlive: true,
    keepAliveInitialDelay: PROBE_SILENT_AFTER_MS,
    // Checks of HAProxy and Nagios are HTTP/1.0 without Host; headFault requires it of HTTP/1.1.
    requireHostHeader: false,
  });
  const { maxConnections, makesRoomAfterMs = MAKES_ROOM_AFTER_MS } = settings;
  const room =
    maxConnections === undefined
      ? connectionRoom(openFilesLimit(await readLimits()))
      : { max: maxConnections, maxRefused: maxConnections };
  const limit = new ConnectionLimit(room, makesRoomAfterMs, () => performance.now());
  serveConnections(server, deps, limit);
  server.listen({ port, host, backlog: BACKLOG });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new StartError(
      `Cannot listen on ${host}:${port}: ${(error as NodeJS.ErrnoException).code}. Set HOST and PORT to a free address.`,
      EXIT.unavailable,
      { cause: error },
    );
  }
  const actualPort = (server.address() as AddressInfo).port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    stop: (drainMs, endWaits) => stop(server, drainMs, endWaits),
  };
}

/** Only Linux has it; elsewhere no limit is known. */
const readLimits = (): Promise<string> => readFile('/proc/self/limits', 'utf8').catch(() => '');

async function stop(server: Server, drainMs: number, endWaits: () => void): Promise<void> {
  const closed = new AbortController();
  server.close(() => closed.abort());
  // A kept-alive connection becomes idle after its last response, and nothing else closes it then.
  const closing = repeat(100, closed.signal, async () => server.closeIdleConnections());
  await sleep(drainMs, closed.signal);
  if (!closed.signal.aborted) endWaits();
  await sleep(LAST_RESPONSES_MS, closed.signal);
  server.closeAllConnections();
  await closing;
}
