import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';

import {
  startLocalCloud,
  type LocalCloudOptions,
  type LocalCloudProcess,
} from '@labelfleet/testkit/local-cloud';
import { deleteCreated, trackCreated } from './created.ts';
import type { Need } from './needs.ts';
import { STAYS, targetOf, type Target } from './target.ts';

interface SdkClients {
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly ec2: EC2Client;
}

export interface Clients extends SdkClients {
  /** Only if the suite has started its own local-cloud. */
  readonly cloud: LocalCloudProcess;
  /** An image whose instances run until they are terminated. */
  readonly imageId: string;
  has(need: Need): boolean;
}

interface Started extends SdkClients {
  readonly cloud: LocalCloudProcess | undefined;
  stop(): Promise<void>;
}

/** A local-cloud for the tests of a file, and SDK clients without retries. */
export function withLocalCloud(options: LocalCloudOptions = {}): Clients {
  return clientsOf(targetOf({}), () => startOwn(options));
}

/** The target of the suite: its own local-cloud unless the environment names another. */
export function withTarget(options: LocalCloudOptions = {}): Clients {
  const target = targetOf(process.env);
  return clientsOf(target, () => (target.own ? startOwn(options) : startFromEnvironment()));
}

function clientsOf({ imageId, has }: Target, start: () => Promise<Started>): Clients {
  let clients: Started | undefined;
  const started = () => {
    if (clients === undefined) throw new Error('used outside a test');
    return clients;
  };
  beforeAll(async () => {
    clients = await start();
  });
  afterAll(async () => {
    await clients?.stop();
  });
  return {
    get cloud() {
      const { cloud } = started();
      if (cloud === undefined)
        throw new Error('a case that uses `cloud` must have `local` among its needs');
      return cloud;
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
    imageId,
    has: (need) => has.has(need),
  };
}

async function startOwn({ images, ...options }: LocalCloudOptions): Promise<Started> {
  const stays = { command: [process.execPath, '-e', 'setInterval(() => {}, 1e6)'] };
  const cloud = await startLocalCloud({ images: { [STAYS]: stays, ...images }, ...options });
  const clients = connect(connectionTo(cloud.endpoint));
  const stop = async () => {
    close(clients);
    await cloud.stop();
  };
  return { ...clients, cloud, stop };
}

/** Clients of a server that a test has started. */
export function connectTo({ endpoint }: LocalCloudProcess): SdkClients & Disposable {
  const clients = connect(connectionTo(endpoint));
  return { ...clients, [Symbol.dispose]: () => close(clients) };
}

/** The SDK reads endpoint, region and credentials from the environment. Everything created is deleted at the end. */
async function startFromEnvironment(): Promise<Started> {
  const clients = connect({});
  const created = trackCreated(clients);
  const stop = async () => {
    await deleteCreated(clients, created);
    close(clients);
  };
  return { ...clients, cloud: undefined, stop };
}

interface Connection {
  endpoint?: string;
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
  maxAttempts?: number;
}

/** No retries. */
const connectionTo = (endpoint: string): Connection => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
});

const connect = (connection: Connection): SdkClients => ({
  sqs: new SQSClient(connection),
  s3: new S3Client({ ...connection, forcePathStyle: true }),
  ec2: new EC2Client(connection),
});

function close({ sqs, s3, ec2 }: SdkClients): void {
  sqs.destroy();
  s3.destroy();
  ec2.destroy();
}

const run = randomBytes(4).toString('hex');
let counter = 0;

/** A unique name. */
export function uniqueName(prefix: string): string {
  counter += 1;
  return `${prefix}-${run}-${counter}`;
}
