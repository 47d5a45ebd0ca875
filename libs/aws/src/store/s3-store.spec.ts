import { describe, expect, test } from 'vitest';
import { isTransient } from '../errors.ts';
import { startStubService } from '../testing/stub-service.ts';
import { startTestCloud } from '../testing/start-test-cloud.ts';
import { storeContract } from '../testing/store-contract.ts';
import { connectS3 } from './connect-s3.ts';

describe.each([
  ['with direct calls', false],
  ['by the SDK only', true],
])('S3Store %s', (_, sdkOnly) =>
  storeContract(async () => {
    const cloud = await startTestCloud();
    await cloud.createBucket('contract');
    const s3 = connectS3({ ...cloud.connection, sdkOnly });
    // The SDK makes the first call to each bucket.
    await s3.store('contract').put('first', '', { contentType: 'text/plain' });
    return {
      store: s3.store('contract'),
      missing: s3.store('missing'),
      async [Symbol.asyncDispose]() {
        s3.close();
        await cloud[Symbol.asyncDispose]();
      },
    };
  }),
);

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
    breakConnection: 'after-body',
  }));
  const store = connectS3(service.connection).store('input');
  const error = await store.get('cat.jpg').catch((error: unknown) => error);
  expect(isTransient(error)).toBe(true);
});

test('lists on when S3 answers with fewer keys than it has', async () => {
  // The API reference: "The response might contain fewer keys but will never contain more."
  const answers = [
    { keys: ['a', 'b'], next: '<NextContinuationToken>1</NextContinuationToken>' },
    { keys: [], next: '<NextContinuationToken>2</NextContinuationToken>' },
    { keys: ['c'], next: '' },
  ];
  await using service = await startStubService(({ path }) => {
    const token = new URL(path, 'http://s3.test').searchParams.get('continuation-token');
    const { keys, next } = answers[Number(token)]!;
    const contents = keys.map(
      (key) => `<Contents><Key>${key}</Key><ETag>"1"</ETag><Size>1</Size></Contents>`,
    );
    return {
      headers: { 'content-type': 'application/xml' },
      body: `<ListBucketResult><IsTruncated>${next !== ''}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
    };
  });
  const store = connectS3(service.connection).store('input');
  expect(await store.list('', 1000)).toEqual(['a', 'b', 'c']);
  expect(await store.list('', 2)).toEqual(['a', 'b']);
  expect(service.calls).toHaveLength(4);
});
