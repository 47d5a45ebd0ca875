import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { randomBytes } from 'node:crypto';

export interface AwsClients extends Disposable {
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly ec2: EC2Client;
}

/**
 * Clients of a local cloud, without retries so that a test sees each answer. Without an endpoint: clients that the
 * SDK's environment variables configure.
 * @param accessKeyId of a caller, for a local cloud with policies
 */
export function connectAws(endpoint?: string, accessKeyId = 'local'): AwsClients {
  const connection =
    endpoint === undefined
      ? {}
      : {
          endpoint,
          region: 'us-east-1',
          credentials: { accessKeyId, secretAccessKey: 'local' },
          maxAttempts: 1,
        };
  const clients = {
    sqs: new SQSClient(connection),
    s3: new S3Client({ ...connection, forcePathStyle: true }),
    ec2: new EC2Client(connection),
  };
  return {
    ...clients,
    [Symbol.dispose]: () => Object.values(clients).forEach((client) => client.destroy()),
  };
}

const run = randomBytes(4).toString('hex');
let counter = 0;

/** A name that no other test uses. */
export function uniqueName(prefix: string): string {
  counter += 1;
  return `${prefix}-${run}-${counter}`;
}
