import { EC2Client } from '@aws-sdk/client-ec2';
import { SOCKETS, type Connection } from '../connection.ts';
import { Ec2Fleet } from './ec2-fleet.ts';
import type { Fleet } from './fleet.ts';

export interface Ec2Connection {
  readonly fleet: Fleet;
  /** Lets go of the sockets; calls under way fail. */
  close(): void;
}

/** The one EC2 connection of a process. Calls that change something are tried once (F1). */
export function connectEc2(connection: Connection): Ec2Connection {
  const triesOnce = clientThat(connection, { maxAttempts: 1, timeoutMs: 15_000 });
  // The three tries and the SDK's pauses between them, 3 s at most, take 15 s together: a tick waits no longer.
  const reads = clientThat(connection, { maxAttempts: 3, timeoutMs: 4_000 });
  return {
    fleet: new Ec2Fleet(triesOnce, reads),
    close() {
      triesOnce.destroy();
      reads.destroy();
    },
  };
}

/** @param tries.timeoutMs of each of them */
const clientThat = (connection: Connection, tries: { maxAttempts: number; timeoutMs: number }) =>
  new EC2Client({
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
