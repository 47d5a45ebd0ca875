import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { CallObserver } from './call-observer.ts';

/** How to reach AWS. Absent fields come from the SDK's environment variables and credential chain. */
export interface Connection {
  region: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
  /**
   * The longest that an S3 call or an SQS send may take, including retries. The gateway sets it so that a
   * service that hangs fails the request early. Absent: 10 s of a direct call and then the SDK's limits, 30 s and three
   * tries.
   */
  callLimitMs?: number;
  /** The SDK makes every call, and none is made directly. */
  sdkOnly?: boolean;
  /** Watches all calls but those of instance metadata. */
  observer?: CallObserver | undefined;
}

/**
 * Settings of the HTTP agents. A long poll occupies its socket for up to 20 s; 256 sockets leave room for many
 * polls and for other calls (the SDK's default is 50). Idle sockets close here before the service drops them,
 * because a call without retries fails on a socket that the service has closed.
 */
export const SOCKETS = { keepAlive: true, maxSockets: 256, timeout: 10_000 };

/** The sockets of a connection, which its SDK clients and its direct calls share. */
export interface Agents {
  httpAgent: HttpAgent;
  httpsAgent: HttpsAgent;
}

export const openAgents = (): Agents => ({
  httpAgent: new HttpAgent(SOCKETS),
  httpsAgent: new HttpsAgent(SOCKETS),
});

/** Settings of every SDK client that save processor time in each call. */
export const LEAN_CLIENT = {
  // The middleware of an operation is put together once per client, not once per call. None is added after the first.
  cacheMiddleware: true,
} as const;
