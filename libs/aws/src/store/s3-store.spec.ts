import { describe, expect, test } from 'vitest';
import { isTransient } from '../errors.ts';
import { startStubService } from '../testing/stub-service.ts';
import { startTestCloud } from '../testing/start-test-cloud.ts';
import { storeContract } from '../testing/store-contract.ts';
import { connectS3 } from './connect-s3.ts';

describe('S3Store', () =>
  storeContract(async () => {
    const cloud = await startTestCloud();
    await cloud.createBucket('contract');
    return {
      store: cloud.s3.store('contract'),
      missing: cloud.s3.store('missing'),
      [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose](),
    };
  }));

test('rejects a conditional put as transient when another one is in progress', async () => {
  await using service = await startStubService(() => ({
    status: 409,
    body: '<Error><Code>ConditionalRequestConflict</Code><Message>try again</Message></Error>',
  }));
  const store = connectS3(service.connection).store('state');
  const error = await store
    .put('lease', '1', { contentType: 'application/json', onlyIf: 'absent' })
    .catch((error: unknown) => error);
  expect(error).toMatchObject({ code: 'ConditionalRequestConflict', statusCode: 409 });
  expect(isTransient(error)).toBe(true);
});

test('rejects a get as transient when the connection breaks within the body', async () => {
  await using service = await startStubService(() => ({
    headers: { 'content-length': '1000', etag: '"1"' },
    body: 'not a thousand bytes',
    breakConnection: true,
  }));
  const store = connectS3(service.connection).store('input');
  const error = await store.get('cat.jpg').catch((error: unknown) => error);
  expect(isTransient(error)).toBe(true);
});
