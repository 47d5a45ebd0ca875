import { EXIT, StartError } from '@labelfleet/runtime';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConnectionLimit, MAKES_ROOM_AFTER_MS } from './connection-limit.ts';
import { connectionRoom, openFilesLimit } from './open-files.ts';
import { pause, repeat } from '../replies/pause.ts';
import { serveConnections, type ServeDeps } from './serve-connections.ts';

/** For a request line and headers to come in; from a connection that sends nothing too. */
const HEADERS_WITHIN_MS = 20_000;
/** For a whole request to come in. */
const REQUEST_WITHIN_MS = 120_000;
/** How often the two above are looked after. */
const CHECK_CONNECTIONS_MS = 1_000;
/** When TCP asks whether a silent client is still there: one whose machine is gone sends nothing, not even an end. */
const PROBE_SILENT_AFTER_MS = 30_000;
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

export interface ListenSettings {
  host: string;
  /** 0: any free one. */
  port: number;
  /** How long a connection without a request is kept open. */
  keepAliveMs: number;
  headersWithinMs?: number;
  requestWithinMs?: number;
  /** What fits into the open files of this process where absent. */
  maxConnections?: number;
  makesRoomAfterMs?: number;
}

/**
 * Serves an app.
 * @throws StartError where the port cannot be had
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
    // Checks of HAProxy and Nagios are HTTP/1.0 without Host; headFault asks HTTP/1.1 for it.
    requireHostHeader: false,
  });
  const { maxConnections, makesRoomAfterMs = MAKES_ROOM_AFTER_MS } = settings;
  const room =
    maxConnections === undefined
      ? connectionRoom(openFilesLimit(await readLimits()))
      : { max: maxConnections, maxRefused: maxConnections };
  const limit = new ConnectionLimit(room, makesRoomAfterMs, () => performance.now());
  serveConnections(server, deps, limit);
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

/** Only Linux has it; elsewhere no limit is known. */
const readLimits = (): Promise<string> => readFile('/proc/self/limits', 'utf8').catch(() => '');

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
