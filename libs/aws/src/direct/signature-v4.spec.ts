import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { SdkRequest } from './direct-client.ts';
import { escapeKey } from './direct-s3.ts';
import { authorization } from './signature-v4.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const FORM = '9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e';
const TOKEN = '6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267';

/** Cases of https://github.com/awslabs/aws-c-auth/tree/main/tests/aws-signing-test-suite/v4 without a query. */
test.each<[string, string, string, Record<string, string>, string, string]>([
  [
    'get-vanilla',
    'GET',
    '/',
    {},
    EMPTY,
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  ],
  [
    'get-utf8',
    'GET',
    '/%E1%88%B4',
    {},
    EMPTY,
    '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85',
  ],
  [
    'get-header-value-trim',
    'GET',
    '/',
    { 'my-header1': ' value1', 'my-header2': ' "a   b   c"' },
    EMPTY,
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  ],
  [
    'get-vanilla-with-session-token',
    'GET',
    '/',
    { 'x-amz-security-token': TOKEN },
    EMPTY,
    '07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8',
  ],
  [
    'post-vanilla',
    'POST',
    '/',
    {},
    EMPTY,
    '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  ],
  [
    'post-header-key-sort',
    'POST',
    '/',
    { 'my-header1': 'value1' },
    EMPTY,
    'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  ],
  [
    'post-x-www-form-urlencoded',
    'POST',
    '/',
    {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': '13',
      'x-amz-content-sha256': FORM,
    },
    FORM,
    'd3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b',
  ],
])("signs %s of AWS's test suite", (_, method, path, more, payloadHash, signature) => {
  const headers = { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z', ...more };
  const signed = Object.keys(headers).sort().join(';');
  expect(
    authorization(
      { method, path, headers, payloadHash },
      { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET },
      { region: 'us-east-1', service: 'service' },
    ),
  ).toBe(
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signed}, Signature=${signature}`,
  );
});

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
test.each<[string, string, Record<string, string>, string, string]>([
  [
    'GET',
    'test.txt',
    { range: 'bytes=0-9' },
    '',
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'PUT',
    'test$file.text',
    { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
    'Welcome to Amazon S3.',
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
])("signs the %s of S3's documentation", (method, key, more, body, signature) => {
  const payloadHash = hash('sha256', body);
  const headers = {
    host: 'examplebucket.s3.amazonaws.com',
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': '20130524T000000Z',
    ...more,
  };
  const keys = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  };
  const path = `/${escapeKey(key)}`;
  const request = { method, path, headers, payloadHash };
  expect(authorization(request, keys, { region: 'us-east-1', service: 's3' })).toMatch(
    new RegExp(`Signature=${signature}$`),
  );
});

/** Signs the request again that the SDK has signed. */
function signAgain(sent: SdkRequest & { method: string; body?: string }, service: string): string {
  const { authorization: given = '', ...headers } = sent.headers;
  const names = /SignedHeaders=([^,]+)/.exec(given)?.[1]?.split(';') ?? [];
  return authorization(
    {
      method: sent.method,
      path: sent.path,
      headers: Object.fromEntries(names.map((name) => [name, headers[name] ?? ''])),
      payloadHash: hash('sha256', sent.body ?? ''),
    },
    { accessKeyId: 'id', secretAccessKey: SECRET },
    { region: 'eu-central-1', service },
  );
}

const settings = (onSend: (request: SdkRequest) => void, body = '') => ({
  region: 'eu-central-1',
  credentials: { accessKeyId: 'id', secretAccessKey: SECRET, sessionToken: TOKEN },
  requestHandler: {
    handle: (request: unknown) => {
      onSend(request as SdkRequest);
      return Promise.resolve({
        response: { statusCode: 200, headers: {}, body: Buffer.from(body) },
      });
    },
  },
});

test('escapes keys and signs requests to S3 as the SDK does', async () => {
  let sent: SdkRequest | undefined;
  const client = new S3Client(settings((request) => (sent = request)));
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1 }), async (key) => {
      await client.send(new HeadObjectCommand({ Bucket: 'bucket', Key: key }));
      if (sent === undefined) throw new Error('nothing was sent');
      expect(sent.path).toBe(`/${escapeKey(key)}`);
      expect(signAgain(sent as never, 's3')).toBe(sent.headers['authorization']);
    }),
    { numRuns: 50 },
  );
});

test('signs requests to SQS as the SDK does', async () => {
  let sent: SdkRequest | undefined;
  const client = new SQSClient({
    ...settings((request) => (sent = request), '{"MessageId":"1"}'),
    md5: false,
    useQueueUrlAsEndpoint: false,
  } as never);
  await client.send(new SendMessageCommand({ QueueUrl: 'http://queue', MessageBody: 'Bär' }));
  if (sent === undefined) throw new Error('nothing was sent');
  expect(signAgain(sent as never, 'sqs')).toBe(sent.headers['authorization']);
});
