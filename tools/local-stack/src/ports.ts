import { EXIT, StartError } from '@labelfleet/runtime';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { StackConfig } from './config.ts';

export interface Ports {
  gateway: number;
  scaler: number;
  localCloud: number;
}

/** Ports for the three servers. @throws StartError naming the variable of one that cannot be had */
export async function findPorts(
  config: Pick<StackConfig, 'gateway' | 'scalerPort' | 'localCloudPort'>,
): Promise<Ports> {
  return {
    gateway: await findPort('PORT', config.gateway.host, config.gateway.port),
    scaler: await findPort('SCALER_PORT', '127.0.0.1', config.scalerPort),
    localCloud: await findPort('LOCAL_CLOUD_PORT', '127.0.0.1', config.localCloudPort),
  };
}

/**
 * Makes sure that a port can be had, and finds one for 0. It is free again when this resolves, so that a
 * process can be started on it; one that loses it to another in between says so itself.
 * @param variable where the user can set another
 * @throws StartError where it is in use or not allowed
 */
export async function findPort(variable: string, host: string, port: number): Promise<number> {
  const server = createServer();
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new StartError(
      `${variable}=${port}: ${whyNot(error, host, port)}. Set another; 0 is any free port.`,
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
