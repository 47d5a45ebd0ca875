import { describe, expect, test } from 'vitest';
import { AwsCallError, callAws, isReceiptInvalid, isTransient } from './errors.ts';

/** As the SDK throws what the service answers. */
const serviceError = (name: string, statusCode: number) =>
  Object.assign(new Error(`${name} said so`), {
    name,
    $fault: statusCode < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode: statusCode, attempts: 1 },
  });

/** As the SDK throws what Node reports: it adds how often it tried. */
const networkError = (code: string) =>
  Object.assign(new Error(code), { code, $metadata: { attempts: 3 } });

/** As the SDK throws what it cannot parse. */
const parseError = (statusCode: number) =>
  Object.assign(new Error('XML parse error'), { $metadata: { httpStatusCode: statusCode } });

const failureOf = (error: unknown) =>
  callAws('PutObject', () => Promise.reject(error as Error)).catch((error: unknown) => error);

describe('a failed call', () => {
  test.each([
    ['throttling', serviceError('SlowDown', 503), 'SlowDown', 503, true],
    [
      'throttling by EC2',
      serviceError('RequestLimitExceeded', 503),
      'RequestLimitExceeded',
      503,
      true,
    ],
    ['throttling by an unknown name', serviceError('Busy', 429), 'Busy', 429, true],
    ['trouble by an unknown name', serviceError('Oops', 500), 'Oops', 500, true],
    [
      'a conditional write under way',
      serviceError('ConditionalRequestConflict', 409),
      'ConditionalRequestConflict',
      409,
      true,
    ],
    ['an expired token', serviceError('ExpiredToken', 400), 'ExpiredToken', 400, true],
    ['a refused connection', networkError('ECONNREFUSED'), 'ECONNREFUSED', undefined, true],
    [
      'a time-out',
      Object.assign(new Error('slow'), { name: 'TimeoutError' }),
      'TimeoutError',
      undefined,
      true,
    ],
    ['a proxy in trouble', parseError(502), 'UnreadableAnswer', 502, true],
    ['a proxy that refuses', parseError(403), 'UnreadableAnswer', 403, false],
    ['a missing right', serviceError('AccessDenied', 403), 'AccessDenied', 403, false],
    ['a missing bucket', serviceError('NoSuchBucket', 404), 'NoSuchBucket', 404, false],
    ['a fault of our own', new TypeError('not a function'), 'TypeError', undefined, false],
    ['what is no error', 'boo', 'Unknown', undefined, false],
  ])('by %s', async (_, thrown, code, statusCode, transient) => {
    const error = await failureOf(thrown);
    expect(error).toBeInstanceOf(AwsCallError);
    expect(error).toMatchObject({ operation: 'PutObject', code, statusCode, cause: thrown });
    expect(isTransient(error)).toBe(transient);
  });

  test('says in its message which call it was and what came back', async () => {
    expect(String(await failureOf(serviceError('AccessDenied', 403)))).toBe(
      'AwsCallError: PutObject: AccessDenied: AccessDenied said so',
    );
  });

  test('is not wrapped twice', async () => {
    const error = await failureOf(serviceError('AccessDenied', 403));
    expect(await failureOf(error)).toBe(error);
  });
});

test('an error of another kind is not transient: trying again would hide it', () => {
  expect(isTransient(networkError('ECONNRESET'))).toBe(false);
});

test.each([
  ['ReceiptHandleIsInvalid', 'The input receipt handle is invalid.', true],
  ['MessageNotInflight', 'The specified message is not in flight.', true],
  ['AWS.SimpleQueueService.MessageNotInflight', '', true],
  [
    'InvalidParameterValue',
    'Value AQEB for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.',
    true,
  ],
  ['InvalidParameterValue', 'Total VisibilityTimeout is beyond the limit of 43200 s', false],
  ['InternalError', 'We encountered an internal error.', false],
])('%s (%s) about a receipt: invalid %s', (code, message, expected) => {
  expect(isReceiptInvalid({ code, message })).toBe(expected);
});
