import { EXIT, StartError } from '@labelfleet/runtime';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { StackConfig } from './config.ts';

export interface Ports {
  gateway: number;
  /** 0: the metrics are on the gateway's own port. */
  gatewayMetrics: number;
  scaler: number;
  localCloud: number;
}

/** Finds ports for the servers. @throws StartError that names the variable of a port that cannot be used */
export async function findPorts(
  config: Pick<StackConfig, 'gateway' | 'scalerPort' | 'localCloudPort'>,
): Promise<Ports> {
  const { host, port, metricsPort } = config.gateway;
  return {
    gateway: await findPort('PORT', host, port),
    gatewayMetrics: metricsPort === 0 ? 0 : await findPort('METRICS_PORT', host, metricsPort ?? 0),
    scaler: await findPort('SCALER_PORT', '127.0.0.1', config.scalerPort),
    localCloud: await findPort('LOCAL_CLOUD_PORT', '127.0.0.1', config.localCloudPort),
  };
}

/**
 * Checks that a port can be used, or finds a free one for 0. The port is free again when this resolves. If another
 * process takes it before the server does, the server reports that.
 * @param variable the variable that sets the port
 * @throws StartError if the port is in use or not allowed
 */
export async function findPort(variable: string, host: string, port: number): Promise<number> {
  const server = createServer();
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new StartError(
      `${variable}=${port}: ${whyNot(error, host, port)}. Set another; 0 means any free port.`,
      EXIT.unavailable,
      { cause: error },
    );
  }
  const found = (server.address() as AddressInfo).port;
  server.close();
  await once(server, 'close');
  return found;
}

function whyNot(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return `port ${port} of ${host} is in use`;
  if (code === 'EACCES') return `port ${port} may not be used by this user`;
  return String(error);
}
