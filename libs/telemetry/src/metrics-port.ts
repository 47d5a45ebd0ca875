import { EXIT, StartError, type Logger } from '@labelfleet/runtime';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

export interface MetricsPort extends AsyncDisposable {
  readonly url: string;
}

export interface MetricsAddress {
  host: string;
  /** 0: any free port. */
  port: number;
  /** What happens if another process has the port. */
  whenTaken: 'fail' | 'use-any' | 'do-without';
}

/**
 * Serves the metrics of a process at /metrics, on a separate port that a load balancer does not publish.
 * @returns undefined if the port is taken and the process does without
 * @throws StartError if the address cannot be used
 */
export async function openMetricsPort(
  registry: Registry,
  { host, port, whenTaken }: MetricsAddress,
  log: Pick<Logger, 'info' | 'warn'>,
): Promise<MetricsPort | undefined> {
  const server = await listen(registry, host, port).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' || whenTaken === 'fail') throw unusable(host, port, error);
    log.warn({ event: 'metrics.port-taken', host, port, whenTaken }, 'metrics port is taken');
    return whenTaken === 'use-any' ? listen(registry, host, 0) : undefined;
  });
  if (server === undefined) return undefined;
  const { port: opened } = server.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${opened}/metrics`;
  log.info({ event: 'metrics.listening', address: url }, 'metrics listening');
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      // A scraper's keep-alive connection would keep the server open.
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(registry: Registry, host: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') return void response.writeHead(404).end();
    void registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      (error: unknown) => response.destroy(error as Error),
    );
  });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

const unusable = (host: string, port: number, cause: NodeJS.ErrnoException) =>
  new StartError(
    `METRICS_PORT=${port} on ${host} cannot be used: ${cause.code}. Set another one; docs/operations.md says what 0 means.`,
    EXIT.unavailable,
    { cause },
  );
