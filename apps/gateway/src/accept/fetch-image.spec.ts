import { AwsCallError } from '@labelfleet/aws/errors';
import type { CallHook } from '@labelfleet/aws/testing';
import { describe, expect, test } from 'vitest';
import { fakeGateway, jsonBody, post, type GatewayOptions } from '../testing/gateway.ts';
import { JPEG } from '../testing/uploads.ts';
import { locateImage, parseImageSource } from './image-sources.ts';

const ASYNC = { prefer: 'respond-async' };
const imageSources = [{ bucket: 'photos', folder: '' }];
const failing =
  (code: string, statusCode: number): CallHook =>
  async (_operation, key) => {
    if (key.startsWith('closed/'))
      throw new AwsCallError('HeadObject', { code, statusCode, message: code });
  };

async function send(image: unknown, options: GatewayOptions = {}) {
  await using gateway = await fakeGateway({ imageSources, ...options });
  for (const [key, body] of [
    ['cats/a.jpg', JPEG],
    ['empty.jpg', ''],
    ['large.jpg', Buffer.alloc(10_001)],
    ['notes.txt', 'notes'],
  ] as const)
    await gateway.photos.put(key, body, { contentType: 'binary/octet-stream' });
  const response = await post(gateway, '/v1/classifications', jsonBody({ image }), ASYNC);
  const requests = gateway.requests();
  expect(gateway.budget.bytesInUse).toBe(0);
  return { response, body: (await response.json()) as object, requests };
}

test('an image in a bucket is classified like one that was sent', async () => {
  const { response, requests } = await send('s3://photos/cats/a.jpg');
  expect(response.status).toBe(202);
  expect(requests).toMatchObject([{ fileName: 'a.jpg', image: JPEG.toString('base64') }]);
});

describe('a reference is refused', () => {
  test.each([
    ['to no bucket', 'https://example.com/a.jpg', 400, 'invalid-parameter', {}],
    ['of another form', 7, 400, 'invalid-parameter', {}],
    [
      'to a bucket that is not listed',
      's3://photos/cats/a.jpg',
      403,
      'forbidden',
      { imageSources: [] },
    ],
    ['to an object that does not exist', 's3://photos/none.jpg', 404, 'not-found', {}],
    ['to an empty object', 's3://photos/empty.jpg', 400, 'missing-image', {}],
    ['to a large object', 's3://photos/large.jpg', 413, 'payload-too-large', {}],
    ['to an object that is no image', 's3://photos/notes.txt', 415, 'unsupported-media-type', {}],
    ['when there is no room', 's3://photos/cats/a.jpg', 503, 'overloaded', { budgetBytes: 100 }],
    [
      'to an object that the gateway may not read',
      's3://photos/closed/a.jpg',
      403,
      'forbidden',
      { beforeCall: failing('AccessDenied', 403) },
    ],
    [
      'while S3 fails',
      's3://photos/closed/a.jpg',
      503,
      'overloaded',
      { beforeCall: failing('InternalError', 500) },
    ],
  ])('%s', async (_case, image, status, code, options: GatewayOptions) => {
    const { response, body } = await send(image, options);
    expect(response.status).toBe(status);
    expect(body).toMatchObject({ type: `urn:labelfleet:problem:${code}` });
  });
});

test.each([
  ['photos', 's3://photos/a.jpg', true],
  ['photos', 's3://photos-2/a.jpg', false],
  ['photos/cats', 's3://photos/cats/a.jpg', true],
  ['photos/cats/', 's3://photos/cats/x/a.jpg', true],
  ['photos/cats', 's3://photos/cats-2/a.jpg', false],
  ['photos/cats', 's3://photos/cats', false],
])('an entry %s and a reference to %s', (entry, reference, isAllowed) => {
  const source = parseImageSource(entry);
  const located = locateImage(reference, source === undefined ? [] : [source]);
  expect(located.kind).toBe(isAllowed ? 'object' : 'refused');
});
