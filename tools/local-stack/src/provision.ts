import { connectProvisioner, type Connection } from '@labelfleet/aws/provision';

/** The longest retention of SQS, so that a stack can be stopped for some days without losing messages. */
const RETENTION_SECONDS = 14 * 24 * 3600;
/** A high limit, because released messages and aborted polls count as receives too. */
const MAX_RECEIVE_COUNT = 50;
/** The highest of SQS: a webhook is received again and again for a day, and gateways give it up before. */
const MAX_WEBHOOK_RECEIVES = 1000;

const BUCKETS = {
  inputBucket: 'labelfleet-input',
  outputBucket: 'labelfleet-output',
  stateBucket: 'labelfleet-state',
} as const;
/** The image for which the local cloud runs a worker. */
export const WORKER_IMAGE = 'ami-0123456789abcdef0';
const TEMPLATE = {
  name: 'labelfleet-worker',
  imageId: WORKER_IMAGE,
  instanceType: 'c7i.large',
} as const;

/** Creates the queues and buckets that do not exist yet. */
export async function provisionStorage(connection: Connection) {
  const provisioner = connectProvisioner(connection);
  try {
    const retention = { retentionSeconds: RETENTION_SECONDS };
    const withDeadLetters = async (name: string, deadLetters: string, maxReceiveCount: number) => {
      const queueUrl = await provisioner.createQueue(deadLetters, retention);
      const url = await provisioner.createQueue(name, {
        ...retention,
        deadLetters: { queueUrl, maxReceiveCount },
      });
      return [url, queueUrl] as const;
    };
    const [requests, batch, webhooks, fleetEventQueueUrl] = await Promise.all([
      withDeadLetters('labelfleet-requests', 'labelfleet-dead-letters', MAX_RECEIVE_COUNT),
      withDeadLetters('labelfleet-batch', 'labelfleet-batch-dead-letters', MAX_RECEIVE_COUNT),
      withDeadLetters(
        'labelfleet-webhooks',
        'labelfleet-webhooks-dead-letters',
        MAX_WEBHOOK_RECEIVES,
      ),
      provisioner.createQueue('labelfleet-fleet-events'),
      ...Object.values(BUCKETS).map((name) => provisioner.createBucket(name)),
    ]);
    return {
      requestQueueUrl: requests[0],
      deadLetterQueueUrl: requests[1],
      batchQueueUrl: batch[0],
      batchDeadLetterQueueUrl: batch[1],
      fleetEventQueueUrl,
      webhookQueueUrl: webhooks[0],
      webhookDeadLetterQueueUrl: webhooks[1],
      ...BUCKETS,
    };
  } finally {
    provisioner.close();
  }
}

/** Creates the launch template of the workers. @returns its id */
export async function provisionWorkers(connection: Connection, userData: string): Promise<string> {
  const provisioner = connectProvisioner(connection);
  try {
    return (await provisioner.createLaunchTemplate({ ...TEMPLATE, userData })).id;
  } finally {
    provisioner.close();
  }
}
