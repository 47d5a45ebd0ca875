import { PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startLocalCloud, type LocalCloudOptions } from '@labelfleet/testkit/local-cloud';
import type { Connection } from '../connection.ts';
import { connectEc2, type Ec2Connection } from '../fleet/connect-ec2.ts';
import { connectProvisioner } from '../provision/connect-provisioner.ts';
import type { LaunchTemplate, QueueSettings } from '../provision/provisioner.ts';
import { connectSqs, type SqsConnection } from '../queue/connect-sqs.ts';
import { connectS3, type S3Connection } from '../store/connect-s3.ts';

export interface TestCloud extends AsyncDisposable {
  readonly endpoint: string;
  readonly connection: Connection;
  /** The SDK's environment variables that point a process to this cloud. */
  readonly environment: Readonly<Record<string, string>>;
  /** Creates a queue (FIFO if its name ends in `.fifo`) and resolves with its URL. */
  createQueue(name: string, settings?: QueueSettings): Promise<string>;
  /** Deletes all messages of a queue. */
  purgeQueue(queueUrl: string): Promise<void>;
  createBucket(name: string): Promise<void>;
  createLaunchTemplate(template: LaunchTemplate): Promise<{ id: string; name: string }>;
  /** Creates the launch template of workers that get these variables as user data. */
  createWorkerTemplate(
    imageId: string,
    variables?: Readonly<Record<string, string>>,
  ): Promise<{ id: string; name: string }>;
  readonly sqs: SqsConnection;
  readonly s3: S3Connection;
  readonly ec2: Ec2Connection;
}

/** Starts a local cloud for one test, in a separate process that ends when it is disposed. */
export async function startTestCloud(options: LocalCloudOptions = {}): Promise<TestCloud> {
  const localCloud = await startLocalCloud(options);
  const connection: Connection = {
    region: 'us-east-1',
    endpoint: localCloud.endpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const sqs = connectSqs(connection);
  const s3 = connectS3(connection);
  const ec2 = connectEc2(connection);
  const provisioner = connectProvisioner(connection);
  return {
    endpoint: localCloud.endpoint,
    connection,
    environment: localCloud.environment,
    createQueue: (name, settings) => provisioner.createQueue(name, settings),
    async purgeQueue(queueUrl) {
      const client = new SQSClient({ ...connection });
      await client.send(new PurgeQueueCommand({ QueueUrl: queueUrl }));
      client.destroy();
    },
    createBucket: (name) => provisioner.createBucket(name),
    createLaunchTemplate: (template) => provisioner.createLaunchTemplate(template),
    createWorkerTemplate: (imageId, variables = {}) =>
      provisioner.createLaunchTemplate({
        name: 'worker',
        imageId,
        instanceType: 'c7g.large',
        userData: Object.entries(variables)
          .map((variable) => `${variable.join('=')}\n`)
          .join(''),
      }),
    sqs,
    s3,
    ec2,
    async [Symbol.asyncDispose]() {
      for (const connected of [sqs, s3, ec2, provisioner]) connected.close();
      await localCloud.stop();
    },
  };
}
