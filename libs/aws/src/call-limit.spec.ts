import { describe, expect, test } from 'vitest';
import { AwsCallError, isRefusedInput, isTransient } from './errors.ts';
import { connectSqs } from './queue/connect-sqs.ts';
import { connectS3 } from './store/connect-s3.ts';
import { startStubService } from './testing/stub-service.ts';

describe('a call to a service that does not answer', () => {
  const never = () => new Promise<never>(() => {});
  const bytes = { contentType: 'image/jpeg' };

  test.each(['put', 'get', 'head', 'list', 'check'] as const)(
    'rejects a %s of S3 as transient when the call limit is reached',
    async (call) => {
      await using service = await startStubService(never);
      const s3 = connectS3({ ...service.connection, callLimitMs: 100 });
      const store = s3.store('bucket');
      const calls = {
        put: () => store.put('key', 'x', bytes),
        get: () => store.get('key'),
        head: () => store.head('key'),
        list: () => store.list('', 1),
        check: () => store.check(),
      };
      const error: unknown = await calls[call]().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'TimeoutError' });
      expect(isTransient(error)).toBe(true);
      s3.close();
    },
  );

  test('rejects every send, queued ones included, and checkSend when the call limit is reached', async () => {
    await using service = await startStubService(never);
    const sqs = connectSqs({ ...service.connection, callLimitMs: 100 });
    const queue = sqs.queue(`${service.endpoint}/000000000000/requests`);
    const sends = Array.from({ length: 50 }, async (_, index) => queue.send({ body: `${index}` }));
    for (const { status } of await Promise.allSettled([...sends, queue.checkSend()]))
      expect(status).toBe('rejected');
    sqs.close();
  });
});

test.each([
  ['InvalidParameterValue', 400, true],
  ['MissingRequiredParameterException', 400, true],
  ['InvalidMessageContents', 400, true],
  ['QueueDoesNotExist', 400, false],
  ['AccessDeniedException', 400, false],
  ['AccessDenied', 403, false],
  ['ExpiredToken', 400, false],
  ['InvalidSignatureException', 400, false],
  ['RequestThrottled', 400, false],
  ['KmsDisabled', 400, false],
  ['InternalFailure', 500, false],
])('isRefusedInput for %s with status %d is %s', (code, statusCode, expected) => {
  const error = new AwsCallError('SendMessageBatch', { code, statusCode, message: 'no' });
  expect(isRefusedInput(error)).toBe(expected);
});
