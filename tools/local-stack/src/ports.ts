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

/** Finds ports for the servers. @throws StartError that names the variable of a port that cannot be used */
export async function findPorts(
  config: Pick<StackConfig, 'gateway' | 'scalerPort' | 'localCloudPort'>,
): Promise<Ports> {
  const { host, port, metricsPort } = config.gateway;
  const found = new Set<number>();
  const find = async (variable: string, onHost: string, wanted: number) => {
    const one = await findPort(variable, onHost, wanted, found);
    found.add(one);
    return one;
  };
  return {
    gateway: await find('PORT', host, port),
    gatewayMetrics: metricsPort === 0 ? 0 : await find('METRICS_PORT', host, metricsPort ?? 0),
    scaler: await find('SCALER_PORT', '127.0.0.1', config.scalerPort),
    localCloud: await find('LOCAL_CLOUD_PORT', '127.0.0.1', config.localCloudPort),
  };
}

/**
 * Checks that a port can be used, or finds a free one for 0. The port is free again when this resolves. If another
 * process takes it before the server does, the server reports that.
 * @param variable the variable that sets the port
 * @param except ports that are not free although nobody listens on them yet
 * @throws StartError if the port is in use or not allowed
 */
export async function findPort(
  variable: string,
  host: string,
  port: number,
  except: ReadonlySet<number> = new Set(),
): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const candidate = port === 0 ? FREE_PORTS.from + randomInt(FREE_PORTS.count) : port;
    if (port === 0 && except.has(candidate)) continue;
    try {
      await listenOnce(host, candidate);
      return candidate;
    } catch (error) {
      if (port === 0 && isInUse(error) && tries < TRIES) continue;
      throw new StartError(
        `${variable}=${port}: ${whyNot(error, host, candidate)}. Set another; 0 means any free port.`,
        EXIT.unavailable,
        { cause: error },
      );
    }
  }
}

async function listenOnce(host: string, port: number): Promise<void> {
  const server = createServer();
  server.listen(port, host);
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? error.code : undefined;
const isInUse = (error: unknown): boolean => codeOf(error) === 'EADDRINUSE';

function whyNot(error: unknown, host: string, port: number): string {
  if (isInUse(error)) return `port ${port} of ${host} is in use`;
  if (codeOf(error) === 'EACCES') return `port ${port} may not be used by this user`;
  return String(error);
}
