import { EC2Client } from '@aws-sdk/client-ec2';
import { observeClient } from '../call-observer.ts';
import { SOCKETS, type Connection } from '../connection.ts';
import { Ec2Fleet } from './ec2-fleet.ts';
import type { Fleet } from './fleet.ts';

export interface Ec2Connection {
  readonly fleet: Fleet;
  /** Closes the sockets; calls in progress fail. */
  close(): void;
}

/** Opens the EC2 connection of a process. Calls that change something are tried once (F1). */
export function connectEc2(connection: Connection): Ec2Connection {
  const writes = createClient(connection, { maxAttempts: 1, timeoutMs: 15_000 });
  // Three tries and the SDK's backoff (at most 3 s) take 15 s together: the longest that a tick waits for a read.
  const reads = createClient(connection, { maxAttempts: 3, timeoutMs: 4_000 });
  return {
    fleet: new Ec2Fleet({ writes, reads }),
    close() {
      writes.destroy();
      reads.destroy();
    },
  };
}

/** @param tries.timeoutMs of each try */
function createClient(
  { observer, ...connection }: Connection,
  tries: { maxAttempts: number; timeoutMs: number },
): EC2Client {
  const client = new EC2Client({
    ...connection,
    maxAttempts: tries.maxAttempts,
    requestHandler: {
      httpAgent: SOCKETS,
      httpsAgent: SOCKETS,
      connectionTimeout: 3_000,
      requestTimeout: tries.timeoutMs,
      throwOnRequestTimeout: true,
      socketTimeout: tries.timeoutMs,
    },
  });
  observeClient(client, 'ec2', observer);
  return client;
}
