import type { IncomingMessage } from 'node:http';

import type { ApiError } from '../api-error.ts';
import type { Buckets } from '../s3/buckets.ts';
import type { Queues } from '../sqs/queues.ts';
import { bucketArn, objectArn } from './arns.ts';
import type { Authorizer } from './authorizer.ts';
import { ec2Targets, type Ec2Parts } from './ec2-targets.ts';
import { iamCalls } from './iam-calls.ts';
import { s3Targets } from './s3-targets.ts';
import { sqsTargets } from './sqs-targets.ts';

/** Returns the error to answer with, if the caller may not make this call. */
export type Guard = (
  request: IncomingMessage,
  action: string,
  input: unknown,
) => ApiError | undefined;

export function sqsGuard(authorizer: Authorizer, region: string, queues: Queues): Guard {
  const find = (name: string) => queues.find(name);
  return (request, action, input) =>
    authorizer.of(
      request,
      'AccessDenied',
    )(iamCalls(`sqs:${action}`, sqsTargets(input, { region, find })));
}

export function ec2Guard(authorizer: Authorizer, parts: Omit<Ec2Parts, 'roleOf'>): Guard {
  const roleOf = (profile: string) => authorizer.roleOf(profile);
  return (request, action, parameters) =>
    authorizer.of(
      request,
      'UnauthorizedOperation',
    )(iamCalls(`ec2:${action}`, ec2Targets(action, parameters, { ...parts, roleOf })));
}

/** What the caller of one call of S3 may not do, as errors to answer with. */
export interface S3Access {
  call(action: string): ApiError | undefined;
  delete(key: string): ApiError | undefined;
  /** For an object that is missing: only who may list the bucket gets to know that. */
  missing(): ApiError | undefined;
}

export type S3Guard = (call: { request: IncomingMessage; bucket: string; key: string }) => S3Access;

export function s3Guard(authorizer: Authorizer, buckets: Buckets): S3Guard {
  return ({ request, bucket, key }) => {
    const check = authorizer.of(request, 'AccessDenied');
    const targets = s3Targets({ bucket, key, headers: request.headers });
    return {
      call: (action) => {
        // A bucket that does not exist is no secret.
        if (bucket !== '' && action !== 'CreateBucket') buckets.get(bucket);
        return check(iamCalls(`s3:${action}`, targets));
      },
      delete: (deleted) =>
        check([{ action: 's3:DeleteObject', resource: objectArn(bucket, deleted) }]),
      missing: () => {
        const [of] = targets['copied-object'] ?? targets.object ?? [];
        const listed = of?.resource.replace(/\/.*$/s, '') ?? bucketArn(bucket);
        return check([{ action: 's3:ListBucket', resource: listed }]);
      },
    };
  };
}
