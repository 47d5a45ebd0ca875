import type { z } from 'zod';

import { ApiError, notServed } from './api-error.ts';

/**
 * Checks an action's input, with error texts that SQS and EC2 share. A parameter that AWS has and this server does not
 * support is answered with 501 instead of being ignored.
 */
export function parseInput<T>(action: string, schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue === undefined) throw new Error('zod failed without an issue', { cause: parsed.error });
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    throw notServed(`The parameter ${[...path, issue.keys.join(', ')].join('.')} of ${action}`);
  }
  const value = valueAt(input, path);
  throw value === undefined
    ? missingParameter(path.join('.'))
    : invalidValue(path.join('.'), value, issue.message);
}

export function invalidValue(parameter: string, value: unknown, reason: string): ApiError {
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  return new ApiError(
    'InvalidParameterValue',
    `Value ${shown} for parameter ${parameter} is invalid. Reason: ${reason}`,
  );
}

export function missingParameter(parameter: string): ApiError {
  return new ApiError('MissingParameter', `The request must contain the parameter ${parameter}.`);
}

function valueAt(input: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null
        ? (Object.getOwnPropertyDescriptor(at, key)?.value as unknown)
        : undefined,
    input,
  );
}
