import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { EXIT, StartError } from '@labelfleet/runtime';

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Serves on 127.0.0.1 until closed.
 * @param onFailure called with the error of a handler that rejected, whose connection is then closed
 * @throws StartError if the port is not available
 */
export async function listen(
  port: number,
  handler: Handler,
  onFailure: (error: unknown, request: IncomingMessage) => void,
): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
    handler(request, response).catch((error: unknown) => {
      if (isGone(request, response)) return;
      onFailure(error, request);
      response.destroy(); // a partial response must not look complete
    });
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', (error: NodeJS.ErrnoException) => {
    listening.reject(
      new StartError(`Port ${port} cannot be used: ${error.message}`, EXIT.unavailable, {
        cause: error,
      }),
    );
  });
  server.listen(port, '127.0.0.1', () => listening.resolve());
  await listening.promise;
  return server;
}

/** True if the client has disconnected, so that no response can be sent. */
export const isGone = (request: IncomingMessage, response: ServerResponse): boolean =>
  response.destroyed || request.readableAborted;

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Closes all connections, and resolves when the port is free. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
