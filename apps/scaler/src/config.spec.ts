import { ConfigError, type Environment } from '@labelfleet/runtime';
import { describe, expect, it } from 'vitest';
import { parseConfig } from './config.ts';

const required: Environment = {
  REQUEST_QUEUE_URL: 'http://127.0.0.1:4566/000000000000/requests',
  DEAD_LETTER_QUEUE_URL: 'http://127.0.0.1:4566/000000000000/dead-letters',
  FLEET_EVENT_QUEUE_URL: 'http://127.0.0.1:4566/000000000000/fleet-events',
  INPUT_BUCKET: 'input',
  OUTPUT_BUCKET: 'output',
  STATE_BUCKET: 'state',
  WORKER_LAUNCH_TEMPLATE: 'labelfleet-worker',
};

function faultsOf(env: Environment): readonly string[] {
  try {
    parseConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

describe('the configuration', () => {
  it('names all missing variables at once', () => {
    expect(faultsOf({})).toEqual([
      'REQUEST_QUEUE_URL is not set',
      'DEAD_LETTER_QUEUE_URL is not set',
      'FLEET_EVENT_QUEUE_URL is not set',
      'INPUT_BUCKET is not set',
      'OUTPUT_BUCKET is not set',
      'STATE_BUCKET is not set',
      'WORKER_LAUNCH_TEMPLATE is not set',
    ]);
  });

  it('has a default for everything else', () => {
    expect(parseConfig(required)).toMatchObject({
      region: 'us-east-1',
      host: '127.0.0.1',
      port: 9090,
      scaling: {
        policy: 'deadline',
        minWorkers: 0,
        maxWorkers: 20,
        targetWaitSeconds: 10,
        imagesPerWorker: 5,
        idleBeforeReleaseSeconds: undefined,
      },
      tickMs: 2000,
      tickLog: undefined,
      dryRun: false,
      workers: { instanceTypes: undefined, subnetIds: undefined, markets: ['on-demand'] },
      fleetName: 'labelfleet',
      logLevel: 'info',
    });
  });

  it('serves metrics on HOST unless METRICS_HOST is set', () => {
    const hosts = (env: Environment) => {
      const { host, metricsHost } = parseConfig({ ...required, ...env });
      return [host, metricsHost];
    };
    expect(hosts({ HOST: '10.0.0.1' })).toEqual(['10.0.0.1', '10.0.0.1']);
    expect(hosts({ METRICS_HOST: '0.0.0.0' })).toEqual(['127.0.0.1', '0.0.0.0']);
  });

  it('takes lists in the order of preference', () => {
    const config = parseConfig({
      ...required,
      WORKER_INSTANCE_TYPES: 'c7g.large, c8g.large',
      WORKER_SUBNET_IDS: 'subnet-a,subnet-b',
      WORKER_MARKET: 'spot,on-demand',
    });
    expect(config.workers).toEqual({
      launchTemplate: 'labelfleet-worker',
      instanceTypes: ['c7g.large', 'c8g.large'],
      subnetIds: ['subnet-a', 'subnet-b'],
      markets: ['spot', 'on-demand'],
    });
  });

  it('has the queues of jobs, or none', () => {
    const batch = { BATCH_QUEUE_URL: 'http://127.0.0.1:4566/000000000000/batch' };
    const deadLetters = `${batch.BATCH_QUEUE_URL}-dead-letters`;
    expect(parseConfig(required).batch).toBeUndefined();
    expect(
      parseConfig({ ...required, ...batch, BATCH_DEAD_LETTER_QUEUE_URL: deadLetters }).batch,
    ).toEqual({ queueUrl: batch.BATCH_QUEUE_URL, deadLetterQueueUrl: deadLetters });
    expect(faultsOf({ ...required, ...batch })).toEqual(['BATCH_DEAD_LETTER_QUEUE_URL is not set']);
    expect(faultsOf({ ...required, BATCH_DEAD_LETTER_QUEUE_URL: deadLetters })).toEqual([
      expect.stringMatching(/must be set together with BATCH_QUEUE_URL/),
    ]);
  });

  it('prefers prices set by the operator to those of the price file', () => {
    const own = { ...required, PRICES_USD: 'c7g.large/spot=0.03,s3-put=0.006' };
    expect(parseConfig(own).prices).toMatchObject({
      instanceHour: { 'c7g.large': 0.0725, 'c7g.large/spot': 0.03 },
      s3Thousand: { put: 0.006, get: 0.0004 },
    });
    expect(parseConfig({ ...own, AWS_REGION: 'eu-central-1' }).prices).toMatchObject({
      instanceHour: { 'c7g.large/spot': 0.03 },
      s3Thousand: { put: 0.006, get: null },
    });
  });

  it.each<[string, Environment]>([
    ['SCALING_POLICY', { SCALING_POLICY: 'magic' }],
    ['MIN_WORKERS', { MIN_WORKERS: '5', MAX_WORKERS: '4' }],
    ['MAX_WORKERS', { MAX_WORKERS: '0' }],
    ['TARGET_WAIT_SECONDS', { TARGET_WAIT_SECONDS: '0' }],
    ['TICK_SECONDS', { TICK_SECONDS: 'often' }],
    ['WORKER_MARKET', { WORKER_MARKET: 'spot,free' }],
    ['DRY_RUN', { DRY_RUN: 'yes' }],
    ['PRICES_USD', { PRICES_USD: 'c7g.large=cheap' }],
    ['PORT', { PORT: '70000' }],
  ])('refuses an impossible %s', (variable, env) => {
    const faults = faultsOf({ ...required, ...env });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${variable}=`));
  });
});
