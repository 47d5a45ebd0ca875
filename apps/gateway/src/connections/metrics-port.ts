import { EXIT, StartError } from '@labelfleet/runtime';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '../metrics.ts';

export interface MetricsPort extends AsyncDisposable {
  readonly url: string;
}

/**
 * Serves the metrics on a port of their own, which a load balancer does not publish.
 * @throws StartError if the port cannot be opened
 */
export async function openMetricsPort(
  { registry }: Pick<Metrics, 'registry'>,
  host: string,
  port: number,
): Promise<MetricsPort> {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') return void response.writeHead(404).end();
    void registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      (error: unknown) => response.destroy(error as Error),
    );
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new StartError(
      `METRICS_PORT=${port} on ${host} cannot be used: ${(error as NodeJS.ErrnoException).code}. Set another port, or 0 to serve /metrics on PORT.`,
      EXIT.unavailable,
      { cause: error },
    );
  }
  const { port: opened } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${opened}/metrics`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      // A scraper's keep-alive connection would keep the server open.
      server.closeAllConnections();
      await closed;
    },
  };
}
