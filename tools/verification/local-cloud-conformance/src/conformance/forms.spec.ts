import { expect, test } from 'vitest';

import { createQueue } from '@labelfleet/testkit/test-queue';
import { createBucket } from '@labelfleet/testkit/test-bucket';
import { useLocalCloud } from '@labelfleet/testkit/use-local-cloud';

const cloud = useLocalCloud();

const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/${service}/aws4_request`,
});
const JSON_SQS = { 'content-type': 'application/x-amz-json-1.0' };
const sqsCall = (action: string) => ({ ...JSON_SQS, 'x-amz-target': `AmazonSQS.${action}` });
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

async function post(
  path: string,
  headers: Record<string, string>,
  body: string,
): Promise<{ status: number; type: string; text: string; id: string | null }> {
  const answer = await fetch(`${cloud.endpoint}${path}`, { method: 'POST', headers, body });
  return {
    status: answer.status,
    type: answer.headers.get('content-type') ?? '',
    text: await answer.text(),
    id: answer.headers.get('x-amzn-requestid') ?? answer.headers.get('x-amz-request-id'),
  };
}

const deepArray = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

test.each([
  ['SQS in JSON', '/', sqsCall('ListQueues'), /json/, /"__type":".*#MissingAuthenticationToken"/],
  ['SQS as a form', '/000000000000/q', FORM, /xml/, /<Code>MissingAuthenticationToken<\/Code>/],
  ['EC2', '/', FORM, /xml/, /<Response><Errors><Error><Code>MissingAuthenticationToken</],
  ['S3', '/bucket?delete', {}, /xml/, /<Error><Code>AccessDenied<\/Code>/],
])(
  'a call of %s without a signature is refused in its form',
  async (_, path, headers, type, text) => {
    const answer = await post(path, headers, '');
    expect(answer).toMatchObject({ status: 403, type: expect.stringMatching(type) as string });
    expect(answer.text).toMatch(text);
    expect(answer.id).toBeTypeOf('string');
  },
);

test.each([
  ['an array', deepArray(100_000)],
  ['the body of a message', `{"QueueUrl": "q", "MessageBody": ${deepArray(100_000)}}`],
  ['an object', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
])('refuses endlessly nested JSON: %s', async (_, body) => {
  const headers = { ...signed('sqs'), ...sqsCall('SendMessage') };
  const answer = await post('/', headers, body);
  expect(answer).toMatchObject({ status: 400, type: expect.stringMatching(/json/) as string });
  expect(answer.text).toContain('#SerializationException');
});

test.each(['sqs', 'ec2'])(
  'a form with a parameter nested without an end is a fault of the caller of %s',
  async (service) => {
    const body = `Action=RunInstances&${'A.'.repeat(100_000)}1=x`;
    const answer = await post('/', { ...signed(service), ...FORM }, body);
    expect(answer).toMatchObject({ status: 400, type: expect.stringMatching(/xml/) as string });
    expect(answer.text).toContain('<Code>MalformedQueryString</Code>');
  },
);

const KEY = '<Delete><Object><Key>&x;</Key></Object></Delete>';

test.each([
  ['external entities', `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${KEY}`],
  [
    'entities that grow',
    `<!DOCTYPE a [<!ENTITY y "${'z'.repeat(1e6)}"><!ENTITY x "${'&y;'.repeat(1e5)}">]>${KEY}`,
  ],
  ['nesting without an end', `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`],
  ['an end that is missing', '<Delete><Object><Key>k</Key></Object>'],
  ['another root', '<Deletion/>'],
  ['nothing', ''],
])('refuses XML with %s', async (_, body) => {
  const bucket = await createBucket(cloud.s3);
  for (const [path, xml] of [
    [`/${bucket.name}?delete`, body],
    [`/${bucket.name}/k?uploadId=none`, body === '' ? '<x>' : body],
  ] as const) {
    const answer = await post(path, signed('s3'), xml);
    expect(answer).toMatchObject({ status: 400, type: expect.stringMatching(/xml/) as string });
    expect(answer.text).toContain('<Code>MalformedXML</Code>');
  }
});

test('leaves empty lists out and names the answers in the older SQS protocol too', async () => {
  const { url } = await createQueue(cloud.sqs);
  const call = (body: string) => post(new URL(url).pathname, { ...signed('sqs'), ...FORM }, body);
  const received = await call('Action=ReceiveMessage&Version=2012-11-05');
  expect(received.text).toContain('<ReceiveMessageResult></ReceiveMessageResult>');
  expect(received.text).toContain(`<RequestId>${received.id}</RequestId>`);
  const refused = await call('Action=SendMessage&Version=2012-11-05&MessageBody=');
  expect(refused.status).toBe(400);
  expect(refused.text).toContain('<Code>MissingParameter</Code>');
  expect(refused.text).toContain(`<RequestId>${refused.id}</RequestId>`);
});
