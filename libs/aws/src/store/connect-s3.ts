import { S3Client } from '@aws-sdk/client-s3';
import { observeClient } from '../call-observer.ts';
import { LEAN_CLIENT, openAgents, type Connection } from '../connection.ts';
import { DirectS3 } from '../direct/direct-s3.ts';
import type { ObjectStore } from './object-store.ts';
import { S3Store } from './s3-store.ts';

export interface S3Connection {
  store(bucket: string): ObjectStore;
  /** Closes the sockets; calls in progress fail. */
  close(): void;
}

/** Opens the S3 connection of a process. */
export function connectS3({
  callLimitMs,
  sdkOnly = false,
  observer,
  ...connection
}: Connection): S3Connection {
  const agents = openAgents();
  const client = new S3Client({
    ...connection,
    ...LEAN_CLIENT,
    // TLS already protects objects on their way, and S3 computes a checksum of each object that it stores.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      ...agents,
      connectionTimeout: 3_000,
      // From the first byte of the upload to the response headers.
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
      // The longest pause between two bytes.
      socketTimeout: 10_000,
    },
  });
  observeClient(client, 's3', observer);
  const direct = new DirectS3(client, agents, { sdkOnly, observer });
  return {
    store: (bucket) => new S3Store(bucket, { client, direct, limitMs: callLimitMs }),
    close: () => client.destroy(),
  };
}
