import type { Environment } from '@labelfleet/runtime';

export type Variables = Readonly<Record<string, string>>;

/** Set on every process of a stack, workers included: how they are found again. Its value is the data folder. */
export const STACK_MARKER = 'LABELFLEET_STACK';

/** Everything that was made for this stack: addresses, queues, buckets. */
export interface Surroundings {
  dataDir: string;
  region: string;
  endpoint: string;
  requestQueueUrl: string;
  deadLetterQueueUrl: string;
  fleetEventQueueUrl: string;
  inputBucket: string;
  outputBucket: string;
  stateBucket: string;
}

/** What the user may set of a worker. It reaches the worker as user data, the only way into an instance. */
const WORKER_SETTINGS = [
  'SLOTS',
  'INFERENCE_THREADS',
  'POLL_SECONDS',
  'VISIBILITY_TIMEOUT_SECONDS',
  'MAX_ATTEMPT_SECONDS',
  'MAX_DECODE_SECONDS',
  'MAX_IMAGE_MEMORY_BYTES',
  'MAX_IMAGE_PIXELS',
  'DRAIN_TIMEOUT_SECONDS',
  'IDLE_SHUTDOWN_SECONDS',
  'PRICES_USD',
  'LOG_LEVEL',
] as const;

/** The local cloud takes any credentials, but the SDK insists on some. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** What any AWS client needs to reach the local cloud, and the product's names for what is in it. */
export const clientVariables = (around: Surroundings): Variables => ({
  AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
  AWS_ENDPOINT_URL: around.endpoint,
  AWS_REGION: around.region,
  // The aws command reads this one.
  AWS_DEFAULT_REGION: around.region,
  REQUEST_QUEUE_URL: around.requestQueueUrl,
  DEAD_LETTER_QUEUE_URL: around.deadLetterQueueUrl,
  FLEET_EVENT_QUEUE_URL: around.fleetEventQueueUrl,
  INPUT_BUCKET: around.inputBucket,
  OUTPUT_BUCKET: around.outputBucket,
  STATE_BUCKET: around.stateBucket,
});

/**
 * The environment of the local cloud and, with `clientVariables`, of gateway and scaler: the user's own
 * without what would lead an AWS client elsewhere.
 */
export function inherited(env: Environment, dataDir: string): Variables {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('AWS_'),
  );
  return {
    ...Object.fromEntries(kept),
    [STACK_MARKER]: dataDir,
    // Gateway and scaler run beside the instances, not on one.
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

export const gatewayVariables = (
  env: Environment,
  around: Surroundings,
  address: { host: string; port: number },
): Variables => ({
  // The default of 20 s is longer than process managers wait before they kill.
  DRAIN_TIMEOUT_SECONDS: '2',
  ...inherited(env, around.dataDir),
  ...clientVariables(around),
  HOST: address.host,
  PORT: String(address.port),
});

export const scalerVariables = (
  env: Environment,
  around: Surroundings,
  scaler: { launchTemplate: string; port: number },
): Variables => ({
  // A local fleet is small and boots at once: it is worth looking at more often than EC2's.
  TICK_SECONDS: '0.5',
  // Nobody else acts here: a scaler that follows a killed one need not wait as long as on EC2.
  LEASE_SECONDS: '5',
  ...inherited(env, around.dataDir),
  ...clientVariables(around),
  WORKER_LAUNCH_TEMPLATE: scaler.launchTemplate,
  HOST: '127.0.0.1',
  PORT: String(scaler.port),
});

/** A worker's user data, before it is written as dotenv. Its credentials come from instance metadata. */
export function workerVariables(
  env: Environment,
  around: Surroundings,
  modelDir: string | undefined,
): Variables {
  const given = WORKER_SETTINGS.flatMap((name) => {
    const value = env[name];
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
  return {
    [STACK_MARKER]: around.dataDir,
    AWS_ENDPOINT_URL: around.endpoint,
    AWS_REGION: around.region,
    REQUEST_QUEUE_URL: around.requestQueueUrl,
    FLEET_EVENT_QUEUE_URL: around.fleetEventQueueUrl,
    INPUT_BUCKET: around.inputBucket,
    OUTPUT_BUCKET: around.outputBucket,
    STATE_BUCKET: around.stateBucket,
    // Local workers share the cores, and a short poll lets a drained one go at once.
    POLL_SECONDS: '2',
    INFERENCE_THREADS: '1',
    ...(modelDir === undefined ? {} : { MODEL_DIR: modelDir }),
    ...Object.fromEntries(given),
  };
}
