import { serve } from '@hono/node-server';
import { EXIT, StartError } from '@labelfleet/runtime';
import type { Hono } from 'hono';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StatusPort {
  url: string;
  close(): void;
}

/** @throws StartError if the port cannot be opened */
export async function openStatusPort(app: Hono, host: string, port: number): Promise<StatusPort> {
  const server = serve({ fetch: app.fetch, hostname: host, port }) as Server;
  try {
    await once(server, 'listening');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`PORT=${port} on ${host} cannot be used: ${reason}`, EXIT.unavailable, {
      cause: error,
    });
  }
  const { port: opened } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${opened}`,
    close() {
      server.close();
      // A scraper's keep-alive connection would keep the server open.
      server.closeAllConnections();
    },
  };
}
