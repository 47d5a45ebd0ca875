import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ConfigError, flag, parseEnvironment, secondsAsMs, share, wholeNumber } from './config.ts';

const schema = z.object({
  QUEUE_URL: z.url('must be a URL'),
  PORT: wholeNumber({ min: 0, max: 65535 }).default(8080),
  POLL_SECONDS: secondsAsMs({ min: 0.1, max: 20 }).default(20_000),
  DRY_RUN: flag().default(false),
});

function faults(env: Record<string, string>): readonly string[] {
  try {
    parseEnvironment(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('a configuration from environment variables', () => {
  test('is parsed into values, with defaults for variables that are not set', () => {
    expect(
      parseEnvironment(schema, { QUEUE_URL: 'http://127.0.0.1/q', POLL_SECONDS: '0.5' }),
    ).toEqual({
      QUEUE_URL: 'http://127.0.0.1/q',
      PORT: 8080,
      POLL_SECONDS: 500,
      DRY_RUN: false,
    });
  });

  test('takes the default for a variable that is set to the empty string', () => {
    expect(parseEnvironment(schema, { QUEUE_URL: 'http://127.0.0.1/q', PORT: '' }).PORT).toBe(8080);
  });

  test('reports every fault at once, each with the name of its variable', () => {
    expect(faults({ PORT: '70000', POLL_SECONDS: 'soon', DRY_RUN: 'yes' })).toEqual([
      'QUEUE_URL is not set',
      expect.stringMatching(/^PORT=70000: .*65535/),
      'POLL_SECONDS=soon: must be a number of seconds',
      expect.stringMatching(/^DRY_RUN=yes: .*"true"\|"false"/),
    ]);
  });
});

test.each([
  { text: '0', value: 0 },
  { text: '0.05', value: 0.05 },
  { text: '.5', value: 0.5 },
  { text: '1', value: 1 },
  { text: '1.5', value: undefined },
  { text: '-1', value: undefined },
  { text: 'half', value: undefined },
])('a share can be $text: $value', ({ text, value }) => {
  expect(share().safeParse(text).data).toBe(value);
});
