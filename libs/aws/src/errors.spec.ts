import { describe, expect, test } from 'vitest';
import { AwsCallError, callAws, isReceiptInvalid, isTransient } from './errors.ts';

/** An error as the SDK throws it for an error response. */
const serviceError = (name: string, statusCode: number) =>
  Object.assign(new Error(`${name} message`), {
    name,
    $fault: statusCode < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode: statusCode, attempts: 1 },
  });

/** An error as the SDK throws it for a network failure: Node's error with the number of attempts. */
const networkError = (code: string) =>
  Object.assign(new Error(code), { code, $metadata: { attempts: 3 } });

/** An error as the SDK throws it for a response that it cannot parse. */
const parseError = (statusCode: number) =>
  Object.assign(new Error('XML parse error'), { $metadata: { httpStatusCode: statusCode } });

const failureOf = (error: unknown) =>
  callAws('PutObject', () => Promise.reject(error as Error)).catch((error: unknown) => error);

describe('callAws wraps', () => {
  test.each([
    ['throttling', serviceError('SlowDown', 503), 'SlowDown', 503, true],
    [
      'throttling by EC2',
      serviceError('RequestLimitExceeded', 503),
      'RequestLimitExceeded',
      503,
      true,
    ],
    ['throttling with an unknown code', serviceError('Busy', 429), 'Busy', 429, true],
    ['a server error with an unknown code', serviceError('Oops', 500), 'Oops', 500, true],
    [
      'a concurrent conditional write',
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
    ['a 502 from a proxy', parseError(502), 'UnreadableAnswer', 502, true],
    ['a 403 from a proxy', parseError(403), 'UnreadableAnswer', 403, false],
    ['a missing permission', serviceError('AccessDenied', 403), 'AccessDenied', 403, false],
    ['a missing bucket', serviceError('NoSuchBucket', 404), 'NoSuchBucket', 404, false],
    ['a programming error', new TypeError('not a function'), 'TypeError', undefined, false],
    ['a thrown string', 'boo', 'Unknown', undefined, false],
  ])('%s', async (_, thrown, code, statusCode, transient) => {
    const error = await failureOf(thrown);
    expect(error).toBeInstanceOf(AwsCallError);
    expect(error).toMatchObject({ operation: 'PutObject', code, statusCode, cause: thrown });
    expect(isTransient(error)).toBe(transient);
  });

  test('names the operation, the code and the message in the error', async () => {
    expect(String(await failureOf(serviceError('AccessDenied', 403)))).toBe(
      'AwsCallError: PutObject: AccessDenied: AccessDenied message',
    );
  });

  test('does not wrap an AwsCallError again', async () => {
    const error = await failureOf(serviceError('AccessDenied', 403));
    expect(await failureOf(error)).toBe(error);
  });
});

test('isTransient is false for an error that is not an AwsCallError', () => {
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
])('isReceiptInvalid for %s (%s) is %s', (code, message, expected) => {
  expect(isReceiptInvalid({ code, message })).toBe(expected);
});
