import type { Environment } from '@labelfleet/runtime';

export type Variables = Readonly<Record<string, string>>;

/** The variable by which the processes of a stack, workers included, are found. Its value is the data folder. */
export const STACK_MARKER = 'LABELFLEET_STACK';

/** The addresses, queues and buckets of a stack. */
export interface StackResources {
  dataDir: string;
  region: string;
  endpoint: string;
  requestQueueUrl: string;
  deadLetterQueueUrl: string;
  batchQueueUrl: string;
  batchDeadLetterQueueUrl: string;
  fleetEventQueueUrl: string;
  webhookQueueUrl: string;
  webhookDeadLetterQueueUrl: string;
  inputBucket: string;
  outputBucket: string;
  stateBucket: string;
}

/** The variables of a worker that the user may set. They reach the worker as user data of its instance. */
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
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_TRACES_SAMPLER_ARG',
  'LOG_LEVEL',
] as const;

/** The local cloud accepts any credentials, but the SDK requires some. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Returns the variables with which an AWS client reaches the local cloud and the product's resources. */
export const clientVariables = (resources: StackResources): Variables => ({
  AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
  AWS_ENDPOINT_URL: resources.endpoint,
  AWS_REGION: resources.region,
  // The aws command reads this variable.
  AWS_DEFAULT_REGION: resources.region,
  REQUEST_QUEUE_URL: resources.requestQueueUrl,
  DEAD_LETTER_QUEUE_URL: resources.deadLetterQueueUrl,
  BATCH_QUEUE_URL: resources.batchQueueUrl,
  BATCH_DEAD_LETTER_QUEUE_URL: resources.batchDeadLetterQueueUrl,
  FLEET_EVENT_QUEUE_URL: resources.fleetEventQueueUrl,
  WEBHOOK_QUEUE_URL: resources.webhookQueueUrl,
  WEBHOOK_DEAD_LETTER_QUEUE_URL: resources.webhookDeadLetterQueueUrl,
  INPUT_BUCKET: resources.inputBucket,
  OUTPUT_BUCKET: resources.outputBucket,
  STATE_BUCKET: resources.stateBucket,
});

/**
 * Returns the environment of the local cloud and, with `clientVariables`, of gateway and scaler: the user's variables
 * without those that would make an AWS client call another endpoint.
 */
export function inherited(env: Environment, dataDir: string): Variables {
  const passedOn = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('AWS_'),
  );
  return {
    ...Object.fromEntries(passedOn),
    [STACK_MARKER]: dataDir,
    // Gateway and scaler do not run on an instance.
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

export const gatewayVariables = (
  env: Environment,
  resources: StackResources,
  address: { host: string; port: number; metricsPort: number },
): Variables => ({
  // The default of 20 s is longer than process managers wait before they kill.
  DRAIN_TIMEOUT_SECONDS: '2',
  // A receiver that somebody tries out runs on this machine.
  WEBHOOKS_ALLOW_LOOPBACK: 'true',
  ...inherited(env, resources.dataDir),
  ...clientVariables(resources),
  HOST: address.host,
  PORT: String(address.port),
  METRICS_PORT: String(address.metricsPort),
});

export const scalerVariables = (
  env: Environment,
  resources: StackResources,
  scaler: { launchTemplate: string; port: number },
): Variables => ({
  // A local fleet is small and boots at once, so shorter ticks are useful.
  TICK_SECONDS: '0.5',
  // There is only one scaler, so the successor of a killed one need not wait as long as on EC2.
  LEASE_SECONDS: '5',
  ...inherited(env, resources.dataDir),
  ...clientVariables(resources),
  WORKER_LAUNCH_TEMPLATE: scaler.launchTemplate,
  HOST: '127.0.0.1',
  PORT: String(scaler.port),
  // On PORT only: the user's METRICS_PORT is the gateway's.
  METRICS_PORT: '0',
});

/** Returns the variables of a worker's user data. Its credentials come from instance metadata. */
export function workerVariables(
  env: Environment,
  resources: StackResources,
  modelDir: string | undefined,
): Variables {
  const settings = WORKER_SETTINGS.flatMap((name) => {
    const value = env[name];
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
  return {
    [STACK_MARKER]: resources.dataDir,
    AWS_ENDPOINT_URL: resources.endpoint,
    AWS_REGION: resources.region,
    REQUEST_QUEUE_URL: resources.requestQueueUrl,
    BATCH_QUEUE_URL: resources.batchQueueUrl,
    FLEET_EVENT_QUEUE_URL: resources.fleetEventQueueUrl,
    WEBHOOK_QUEUE_URL: resources.webhookQueueUrl,
    INPUT_BUCKET: resources.inputBucket,
    OUTPUT_BUCKET: resources.outputBucket,
    STATE_BUCKET: resources.stateBucket,
    // Local workers share the cores and the ports. With a short poll, a worker drains quickly.
    POLL_SECONDS: '2',
    METRICS_PORT: '0',
    INFERENCE_THREADS: '1',
    ...(modelDir === undefined ? {} : { MODEL_DIR: modelDir }),
    ...Object.fromEntries(settings),
  };
}
