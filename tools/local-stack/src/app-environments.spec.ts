import { variablesOf } from '@labelfleet/local-cloud/user-data-variables';
import { expect, test } from 'vitest';
import {
  gatewayVariables,
  scalerVariables,
  workerVariables,
  type StackResources,
} from './app-environments.ts';
import { dotenv } from './dotenv.ts';

const resources: StackResources = {
  dataDir: '/data',
  region: 'us-east-1',
  endpoint: 'http://127.0.0.1:4566',
  requestQueueUrl: 'http://127.0.0.1:4566/0/requests',
  deadLetterQueueUrl: 'http://127.0.0.1:4566/0/dead',
  batchQueueUrl: 'http://127.0.0.1:4566/0/batch',
  batchDeadLetterQueueUrl: 'http://127.0.0.1:4566/0/batch-dead',
  fleetEventQueueUrl: 'http://127.0.0.1:4566/0/events',
  webhookQueueUrl: 'http://127.0.0.1:4566/0/webhooks',
  webhookDeadLetterQueueUrl: 'http://127.0.0.1:4566/0/webhooks-dead',
  inputBucket: 'in',
  outputBucket: 'out',
  stateBucket: 'state',
};
const scaler = { launchTemplate: 'template', port: 9191 };
const gateway = { host: '127.0.0.1', port: 8181, metricsPort: 9191 };

test('what the user sets reaches the app it belongs to', () => {
  const env = {
    REPLY_TIMEOUT_SECONDS: '10',
    SCALING_POLICY: 'per-message',
    MAX_WORKERS: '3',
    SLOTS: '1',
    LOG_LEVEL: 'debug',
  };
  expect(gatewayVariables(env, resources, gateway)).toMatchObject({ REPLY_TIMEOUT_SECONDS: '10' });
  expect(scalerVariables(env, resources, scaler)).toMatchObject({
    SCALING_POLICY: 'per-message',
    MAX_WORKERS: '3',
  });
  const worker = workerVariables(env, resources, undefined);
  expect(worker).toMatchObject({ SLOTS: '1', LOG_LEVEL: 'debug' });
  expect(worker).not.toHaveProperty('MAX_WORKERS');
});

test.each([
  { env: {}, tick: '0.5', poll: '2', threads: '1' },
  {
    env: { TICK_SECONDS: '3', POLL_SECONDS: '20', INFERENCE_THREADS: '4' },
    tick: '3',
    poll: '20',
    threads: '4',
  },
])('a local fleet is quick and shares the cores, unless set otherwise: $env', (row) => {
  expect(scalerVariables(row.env, resources, scaler)).toMatchObject({ TICK_SECONDS: row.tick });
  expect(workerVariables(row.env, resources, undefined)).toMatchObject({
    POLL_SECONDS: row.poll,
    INFERENCE_THREADS: row.threads,
  });
});

test("the user's own AWS settings cannot lead an app away from the local cloud", () => {
  const env = {
    AWS_PROFILE: 'production',
    AWS_SESSION_TOKEN: 'secret',
    AWS_ENDPOINT_URL_SQS: 'https://sqs.eu-west-1.amazonaws.com',
    AWS_ACCESS_KEY_ID: 'AKIA',
    REQUEST_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/1/production',
    PORT: '1',
  };
  for (const variables of [
    gatewayVariables(env, resources, gateway),
    scalerVariables(env, resources, scaler),
  ]) {
    expect(
      Object.keys(variables)
        .filter((name) => name.startsWith('AWS_'))
        .sort(),
    ).toEqual([
      'AWS_ACCESS_KEY_ID',
      'AWS_DEFAULT_REGION',
      'AWS_EC2_METADATA_DISABLED',
      'AWS_ENDPOINT_URL',
      'AWS_REGION',
      'AWS_SECRET_ACCESS_KEY',
    ]);
    expect(variables).toMatchObject({
      AWS_ACCESS_KEY_ID: 'local',
      REQUEST_QUEUE_URL: resources.requestQueueUrl,
    });
    expect(variables['PORT']).not.toBe('1');
  }
});

test('a worker gets no access keys: it has the role of its instance', () => {
  expect(workerVariables({ AWS_ACCESS_KEY_ID: 'AKIA' }, resources, '/models/mine')).toEqual({
    LABELFLEET_STACK: '/data',
    AWS_ENDPOINT_URL: resources.endpoint,
    AWS_REGION: 'us-east-1',
    REQUEST_QUEUE_URL: resources.requestQueueUrl,
    BATCH_QUEUE_URL: resources.batchQueueUrl,
    FLEET_EVENT_QUEUE_URL: resources.fleetEventQueueUrl,
    WEBHOOK_QUEUE_URL: resources.webhookQueueUrl,
    INPUT_BUCKET: 'in',
    OUTPUT_BUCKET: 'out',
    STATE_BUCKET: 'state',
    POLL_SECONDS: '2',
    METRICS_PORT: '0',
    INFERENCE_THREADS: '1',
    MODEL_DIR: '/models/mine',
  });
});

test('an instance of the local cloud takes every variable that a worker may be given', () => {
  const everySetting = new Proxy<Record<string, string>>({}, { get: () => '1' });
  const variables = workerVariables(everySetting, resources, '/models/mine');
  const userData = Buffer.from(dotenv(variables)).toString('base64');
  expect(variablesOf(userData)).toEqual({ taken: variables, refused: [] });
});
