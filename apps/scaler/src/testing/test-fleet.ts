import type { TestCloud } from '@labelfleet/aws/testing';
import { WORKER_TAGS } from '@labelfleet/contracts';

interface FleetOptions {
  /** Name of the fleet and prefix of its resources. */
  name: string;
  imageId: string;
  instanceType: string;
}

/**
 * Creates queues, a state bucket and a launch template for a separate fleet. The user data of its workers holds the
 * variables of its scalers and the endpoint of the cloud.
 */
export async function createTestFleet(
  cloud: TestCloud,
  { name, imageId, instanceType }: FleetOptions,
) {
  const variables = {
    REQUEST_QUEUE_URL: await cloud.createQueue(`${name}-requests`),
    DEAD_LETTER_QUEUE_URL: await cloud.createQueue(`${name}-dead-letters`),
    FLEET_EVENT_QUEUE_URL: await cloud.createQueue(`${name}-fleet-events`),
    INPUT_BUCKET: 'input',
    OUTPUT_BUCKET: 'output',
    STATE_BUCKET: `${name.toLowerCase()}-state`,
    PORT: '0',
    WORKER_LAUNCH_TEMPLATE: name,
    FLEET_NAME: name,
  };
  await cloud.createBucket(variables.STATE_BUCKET);
  const ofWorkers = { ...variables, AWS_ENDPOINT_URL: cloud.endpoint };
  await cloud.createLaunchTemplate({
    name,
    imageId,
    instanceType,
    userData: Object.entries(ofWorkers)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  });
  return {
    variables,
    requests: cloud.sqs.queue(variables.REQUEST_QUEUE_URL),
    events: cloud.sqs.queue(variables.FLEET_EVENT_QUEUE_URL),
    state: cloud.s3.store(variables.STATE_BUCKET),
    instances: () => cloud.ec2.fleet.list(WORKER_TAGS.fleet, name),
  };
}
