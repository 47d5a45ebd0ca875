/** Where and as whom to call. What is absent comes from the SDK's own variables and chain. */
export interface Connection {
  region: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
  /**
   * The longest that a call of S3, or a send to a queue, may take, its retries included: for who would rather
   * be told that a service hangs. Absent: the SDK's time-outs, half a minute and three tries.
   */
  callLimitMs?: number;
}

/**
 * For the agents of a connection. A long poll holds its socket for up to 20 s, so there are enough for many
 * polls and the calls beside them (the SDK's own limit is 50). An idle socket is closed here before the
 * service may drop it: a call that is tried once must not meet a dead one.
 */
export const SOCKETS = { keepAlive: true, maxSockets: 256, timeout: 10_000 };
