import type { IncomingHttpHeaders } from 'node:http';

import { copySource } from '../s3/actions/copy-object.ts';
import { bucketArn, objectArn } from './arns.ts';
import type { Targets } from './iam-calls.ts';

/** The bucket and objects that a call names. @throws ApiError if the source of a copy names no object */
export function s3Targets({
  bucket,
  key,
  headers,
}: {
  bucket: string;
  key: string;
  headers: IncomingHttpHeaders;
}): Targets {
  const copied = headers['x-amz-copy-source'] === undefined ? undefined : copySource(headers);
  return {
    bucket: [{ resource: bucketArn(bucket) }],
    object: [{ resource: objectArn(bucket, key) }],
    ...(copied && { 'copied-object': [{ resource: objectArn(copied.bucket, copied.key) }] }),
  };
}
