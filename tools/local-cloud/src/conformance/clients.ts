import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll } from 'vitest';

import { startLocalCloud, type LocalCloudOptions, type LocalCloudProcess } from '../testing.ts';

export interface Clients {
  readonly cloud: LocalCloudProcess;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly ec2: EC2Client;
}

/** A server of its own for the file's tests, and SDK clients that try each call once. */
export function withLocalCloud(options: LocalCloudOptions = {}): Clients {
  let clients: Clients | undefined;
  const started = () => {
    if (clients === undefined) throw new Error('used outside a test');
    return clients;
  };
  beforeAll(async () => {
    const cloud = await startLocalCloud(options);
    const connection = {
      endpoint: cloud.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
    };
    clients = {
      cloud,
      sqs: new SQSClient(connection),
      s3: new S3Client(connection),
      ec2: new EC2Client(connection),
    };
  });
  afterAll(async () => {
    clients?.sqs.destroy();
    clients?.s3.destroy();
    clients?.ec2.destroy();
    await clients?.cloud.stop();
  });
  return {
    get cloud() {
      return started().cloud;
    },
    get sqs() {
      return started().sqs;
    },
    get s3() {
      return started().s3;
    },
    get ec2() {
      return started().ec2;
    },
  };
}

let counter = 0;

/** A name that no other test uses. */
export function uniqueName(prefix: string): string {
  counter += 1;
  return `${prefix}-${process.pid}-${counter}`;
}
