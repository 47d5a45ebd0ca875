import { EC2Client } from '@aws-sdk/client-ec2';
import { SOCKETS, type Connection } from '../connection.ts';
import { Ec2Fleet } from './ec2-fleet.ts';
import type { Fleet } from './fleet.ts';

export interface Ec2Connection {
  readonly fleet: Fleet;
  /** Lets go of the sockets; calls under way fail. */
  close(): void;
}

/** The one EC2 connection of a process. Calls are tried once (F1). */
export function connectEc2(connection: Connection): Ec2Connection {
  const client = new EC2Client({
    ...connection,
    maxAttempts: 1,
    requestHandler: {
      httpAgent: SOCKETS,
      httpsAgent: SOCKETS,
      connectionTimeout: 3_000,
      requestTimeout: 15_000,
      throwOnRequestTimeout: true,
      socketTimeout: 15_000,
    },
  });
  return { fleet: new Ec2Fleet(client), close: () => client.destroy() };
}
