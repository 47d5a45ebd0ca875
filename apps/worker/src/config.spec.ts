import { ConfigError } from '@labelfleet/runtime';
import { describe, expect, test } from 'vitest';
import { parseConfig } from './config.ts';

const required = {
  REQUEST_QUEUE_URL: 'http://127.0.0.1:4566/000000000000/requests',
  FLEET_EVENT_QUEUE_URL: 'http://127.0.0.1:4566/000000000000/fleet-events',
  INPUT_BUCKET: 'input',
  OUTPUT_BUCKET: 'output',
  STATE_BUCKET: 'state',
};

describe('the configuration of a worker', () => {
  test('serves metrics on METRICS_HOST, or on HOST', () => {
    const hostOf = (env: Record<string, string>) =>
      parseConfig({ ...required, ...env }, 1).metrics.host;
    expect(
      [{}, { HOST: '10.0.0.1' }, { HOST: '10.0.0.1', METRICS_HOST: '::' }].map(hostOf),
    ).toEqual(['127.0.0.1', '10.0.0.1', '::']);
  });

  test('has the documented defaults, with threads and slots from the number of cores', () => {
    expect(parseConfig(required, 4)).toMatchObject({
      region: 'us-east-1',
      logLevel: 'info',
      modelDir: undefined,
      inferenceThreads: 4,
      slots: 5,
      maxImagePixels: 201_326_592,
      pollSeconds: 5,
      visibilityTimeoutSeconds: 30,
      maxAttemptMs: 60_000,
      imageLimits: { maxDecodeMs: 10_000, maxMemoryBytes: 1_500_000_000 },
      drainTimeoutMs: 60_000,
      idleShutdownMs: 900_000,
    });
  });

  test.each([
    [{ INFERENCE_THREADS: '2' }, { inferenceThreads: 2, slots: 3 }],
    [
      { INFERENCE_THREADS: '2', SLOTS: '1' },
      { inferenceThreads: 2, slots: 1 },
    ],
    [{ SLOTS: '9' }, { inferenceThreads: 4, slots: 9 }],
    [
      { MAX_ATTEMPT_SECONDS: '0.5' },
      { maxAttemptMs: 500, imageLimits: { maxDecodeMs: 250, maxMemoryBytes: 1_500_000_000 } },
    ],
    [
      { MAX_DECODE_SECONDS: '3', MAX_IMAGE_MEMORY_BYTES: '500000000' },
      { imageLimits: { maxDecodeMs: 3_000, maxMemoryBytes: 500_000_000 } },
    ],
  ])('reads %j as %j', (variables, expected) => {
    expect(parseConfig({ ...required, ...variables }, 4)).toMatchObject(expected);
  });

  test('names every missing variable at once', () => {
    expect(() => parseConfig({}, 4)).toThrow(ConfigError);
    for (const variable of Object.keys(required)) {
      expect(() => parseConfig({}, 4)).toThrow(`${variable} is not set`);
    }
  });

  test.each(['0', '21', '1.5', 'soon'])('refuses POLL_SECONDS=%s', (value) => {
    expect(() => parseConfig({ ...required, POLL_SECONDS: value }, 4)).toThrow('POLL_SECONDS');
  });
});
