import { ConfigError } from '@labelfleet/runtime';
import { pricesFor } from '@labelfleet/scaling/cost';
import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';

const REQUIRED = {
  REQUEST_QUEUE_URL: 'http://127.0.0.1:4566/000000000000/requests',
  INPUT_BUCKET: 'in',
  OUTPUT_BUCKET: 'out',
  STATE_BUCKET: 'state',
};

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    parseConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

test('a variable that is not set has its documented default', () => {
  expect(parseConfig(REQUIRED)).toEqual({
    region: 'us-east-1',
    requestQueueUrl: REQUIRED.REQUEST_QUEUE_URL,
    inputBucket: 'in',
    outputBucket: 'out',
    stateBucket: 'state',
    fleetEventQueueUrl: undefined,
    replyQueue: { namePrefix: 'labelfleet-replies-' },
    webhookQueueUrl: undefined,
    prices: pricesFor('us-east-1'),
    traces: undefined,
    webhooks: undefined,
    host: '127.0.0.1',
    port: 8080,
    metricsHost: '127.0.0.1',
    metricsPort: 9464,
    apiKeysFile: undefined,
    allowAnonymous: false,
    corsOrigins: new Set(),
    trustedProxies: undefined,
    publicUrl: undefined,
    replyTimeoutMs: 300_000,
    maxBacklogMs: undefined,
    minPrecision: undefined,
    maxImageBytes: 33_554_432,
    imageSources: [],
    batchQueueUrl: undefined,
    jobPlaces: {
      sources: [{ bucket: 'in', prefix: 'uploads/' }],
      destinations: [{ bucket: 'out', prefix: 'jobs/' }],
    },
    maxInflightUploadBytes: 268_435_456,
    drainTimeoutMs: 20_000,
    logLevel: 'info',
  });
});

test('IMAGE_SOURCE_BUCKETS lists buckets and folders', () => {
  const list = 'photos, archive/2026,';
  expect(parseConfig({ ...REQUIRED, IMAGE_SOURCE_BUCKETS: list }).imageSources).toEqual([
    { bucket: 'photos', folder: '' },
    { bucket: 'archive', folder: '2026/' },
  ]);
});

test('REPLY_QUEUE_URL is used instead of a created queue', () => {
  const url = 'http://127.0.0.1:4566/000000000000/replies';
  expect(parseConfig({ ...REQUIRED, REPLY_QUEUE_URL: url }).replyQueue).toEqual({ url });
});

test('one error names every missing variable', () => {
  expect(faultsOf({})).toEqual(Object.keys(REQUIRED).map((name) => `${name} is not set`));
});

test('JOB_SOURCES and JOB_DESTINATIONS replace the defaults', () => {
  const env = { JOB_SOURCES: 'photos, input/2026', JOB_DESTINATIONS: 'results/jobs/' };
  expect(parseConfig({ ...REQUIRED, ...env }).jobPlaces).toEqual({
    sources: [
      { bucket: 'photos', prefix: '' },
      { bucket: 'input', prefix: '2026/' },
    ],
    destinations: [{ bucket: 'results', prefix: 'jobs/' }],
  });
});

test.each([
  ['PORT', '99999'],
  ['JOB_SOURCES', 's3://photos'],
  ['BATCH_QUEUE_URL', 'batch'],
  ['FLEET_EVENT_QUEUE_URL', 'fleet-events'],
  ['REPLY_TIMEOUT_SECONDS', 'soon'],
  ['MAX_BACKLOG_SECONDS', '0'],
  ['MIN_PRECISION', '90'],
  ['REPLY_QUEUE_PREFIX', 'no spaces'],
  ['LOG_LEVEL', 'loud'],
  ['WEBHOOKS_ALLOW_LOOPBACK', 'yes'],
  ['WEBHOOKS_FILE', 'webhooks.json'], // without its queues
  ['IMAGE_SOURCE_BUCKETS', 'photos, Not A Bucket'],
  ['HOST', '0.0.0.0'],
  ['CORS_ORIGINS', 'friend.example'],
  ['CORS_ORIGINS', 'https://friend.example/'],
  ['TRUSTED_PROXIES', '10.0.0.0/40'],
  ['PUBLIC_URL', 'labels.example'],
  ['MAX_INFLIGHT_UPLOAD_BYTES', '10485760'], // too small for one image and its form
])('%s=%s is a fault that names its variable', (name, value) => {
  expect(faultsOf({ ...REQUIRED, [name]: value })).toEqual([
    expect.stringMatching(`^${name}=${value}: `),
  ]);
});

test.each([
  { HOST: '127.8.9.1' },
  { HOST: 'localhost' },
  { HOST: '::1' },
  { HOST: '0.0.0.0', ALLOW_ANONYMOUS: 'true' },
  { HOST: '::', API_KEYS_FILE: 'keys.json' },
])('the gateway may listen with %j', (env) => {
  expect(faultsOf({ ...REQUIRED, ...env })).toEqual([]);
});

test('METRICS_PORT=0 puts the metrics on the public port', () => {
  expect(parseConfig({ ...REQUIRED, METRICS_PORT: '0' }).metricsPort).toBeUndefined();
});

test('only the metrics may be reached by others', () => {
  expect(parseConfig({ ...REQUIRED, METRICS_HOST: '0.0.0.0' })).toMatchObject({
    host: '127.0.0.1',
    metricsHost: '0.0.0.0',
  });
});

test('origins and networks are comma lists', () => {
  const env = {
    CORS_ORIGINS: 'https://a.example, http://b.example:8080',
    TRUSTED_PROXIES: '10.0.0.0/8, ::1',
  };
  const { corsOrigins, trustedProxies } = parseConfig({ ...REQUIRED, ...env });
  expect([...corsOrigins]).toEqual(['https://a.example', 'http://b.example:8080']);
  expect(trustedProxies?.check('10.1.2.3')).toBe(true);
  expect(trustedProxies?.check('::1', 'ipv6')).toBe(true);
});
