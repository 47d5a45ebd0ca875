import { connectProvisioner, type Connection } from '@labelfleet/aws/provision';

/** Long enough that nothing is lost over a weekend: SQS keeps a message for 14 days at most. */
const RETENTION_SECONDS = 14 * 24 * 3600;
/** A backstop: hand-backs and cut polls count as receives. */
const MAX_RECEIVE_COUNT = 50;

const BUCKETS = {
  inputBucket: 'labelfleet-input',
  outputBucket: 'labelfleet-output',
  stateBucket: 'labelfleet-state',
} as const;
/** What the local cloud runs as the worker's instances. */
export const WORKER_IMAGE = 'ami-0123456789abcdef0';
const TEMPLATE = {
  name: 'labelfleet-worker',
  imageId: WORKER_IMAGE,
  instanceType: 'c7i.large',
} as const;

/** Makes the queues and buckets that are not there yet. */
export async function provisionStorage(connection: Connection) {
  const provisioner = connectProvisioner(connection);
  try {
    const retention = { retentionSeconds: RETENTION_SECONDS };
    const deadLetterQueueUrl = await provisioner.createQueue('labelfleet-dead-letters', retention);
    const [requestQueueUrl, fleetEventQueueUrl] = await Promise.all([
      provisioner.createQueue('labelfleet-requests', {
        ...retention,
        deadLetters: { queueUrl: deadLetterQueueUrl, maxReceiveCount: MAX_RECEIVE_COUNT },
      }),
      provisioner.createQueue('labelfleet-fleet-events'),
      ...Object.values(BUCKETS).map((name) => provisioner.createBucket(name)),
    ]);
    return { requestQueueUrl, deadLetterQueueUrl, fleetEventQueueUrl, ...BUCKETS };
  } finally {
    provisioner.close();
  }
}

/** Makes the template that workers are launched from. @returns its id */
export async function provisionWorkers(connection: Connection, userData: string): Promise<string> {
  const provisioner = connectProvisioner(connection);
  try {
    return (await provisioner.createLaunchTemplate({ ...TEMPLATE, userData })).id;
  } finally {
    provisioner.close();
  }
}
