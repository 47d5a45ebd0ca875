import { EXIT, StartError } from '@labelfleet/runtime';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { StackConfig } from './config.ts';

export interface Ports {
  gateway: number;
  /** 0: the metrics are on the gateway's own port. */
  gatewayMetrics: number;
  scaler: number;
  localCloud: number;
}

/**
 * Any free port is one of these: below the ones that systems give to outgoing connections, of which one could take it
 * before its server does (Linux begins at 32768, others at 49152).
 */
const FREE_PORTS = { from: 20_000, count: 12_000 };
const TRIES = 20;

/**
 * Finds ports for the servers, no two alike. They are free again when this resolves. If another process takes one
 * before its server does, the server reports that.
 * @throws StartError that names the variable of a port that cannot be used
 */
export async function findPorts(
  config: Pick<StackConfig, 'gateway' | 'scalerPort' | 'localCloudPort'>,
): Promise<Ports> {
  const { host, port, metricsPort } = config.gateway;
  // Each found port is listened on until all are found, so that none is found twice.
  await using held = new AsyncDisposableStack();
  const find = async (variable: string, onHost: string, wanted: number) => {
    const found = await holdPort(variable, onHost, wanted);
    held.use(found);
    return found.port;
  };
  return {
    gateway: await find('PORT', host, port),
    gatewayMetrics: metricsPort === 0 ? 0 : await find('METRICS_PORT', host, metricsPort ?? 0),
    scaler: await find('SCALER_PORT', '127.0.0.1', config.scalerPort),
    localCloud: await find('LOCAL_CLOUD_PORT', '127.0.0.1', config.localCloudPort),
  };
}

/**
 * Listens on a port, or on any free one for 0, until it is disposed of.
 * @param variable the variable that sets the port
 * @throws StartError if the port is in use or not allowed
 */
async function holdPort(
  variable: string,
  host: string,
  wanted: number,
): Promise<AsyncDisposable & { port: number }> {
  for (let tries = 1; ; tries += 1) {
    const port = wanted === 0 ? FREE_PORTS.from + randomInt(FREE_PORTS.count) : wanted;
    const server = createServer();
    server.listen(port, host);
    try {
      await once(server, 'listening');
      return { port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
    } catch (error) {
      if (wanted === 0 && isInUse(error) && tries < TRIES) continue;
      throw new StartError(
        `${variable}=${wanted}: ${whyNot(error, host, port)}. Set another; 0 means any free port.`,
        EXIT.unavailable,
        { cause: error },
      );
    }
  }
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? error.code : undefined;
const isInUse = (error: unknown): boolean => codeOf(error) === 'EADDRINUSE';

function whyNot(error: unknown, host: string, port: number): string {
  if (isInUse(error)) return `port ${port} of ${host} is in use`;
  if (codeOf(error) === 'EACCES') return `port ${port} may not be used by this user`;
  return String(error);
}
