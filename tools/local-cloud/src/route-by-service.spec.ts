import { expect, test } from 'vitest';

import { serviceOf } from './route-by-service.ts';

const header = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;

test.each([
  [header('sqs'), '', 'sqs'],
  [header('s3'), '', 's3'],
  [header('ec2'), '', 'ec2'],
  [header('dynamodb'), '', null],
  ['Bearer abc', '', null],
  [undefined, '', null],
  [undefined, 'X-Amz-Credential=AKID%2F20260101%2Fus-east-1%2Fs3%2Faws4_request', 's3'],
])('a call signed by %s, or in its query by "%s", is for %s', (authorization, query, service) => {
  expect(serviceOf(authorization, `/?${query}`)).toBe(service);
});
