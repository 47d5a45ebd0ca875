import type { IncomingMessage, ServerResponse } from 'node:http';

import { ApiError, notServed } from '../api-error.ts';
import { s3Facts } from '../faults/call-facts.ts';
import { applyFaults } from '../faults/call-faults.ts';
import type { Faults } from '../faults/faults.ts';
import type { S3Access, S3Guard } from '../iam/guards.ts';
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listBuckets,
} from './actions/buckets.ts';
import type { Call } from './actions/call.ts';
import { completeMultipartUpload } from './actions/complete-multipart.ts';
import { copyObject } from './actions/copy-object.ts';
import { deleteObject, deleteObjects } from './actions/delete-objects.ts';
import { getObject, getObjectTagging, headObject } from './actions/get-object.ts';
import {
  LIST_PARTS_PARAMETERS,
  LIST_UPLOADS_PARAMETERS,
  listMultipartUploads,
  listParts,
} from './actions/list-multipart.ts';
import {
  LIST_PARAMETERS,
  LIST_V2_PARAMETERS,
  listObjects,
  listObjectsV2,
} from './actions/list-objects.ts';
import {
  abortMultipartUpload,
  createMultipartUpload,
  uploadPart,
  uploadPartCopy,
} from './actions/multipart.ts';
import { putObject } from './actions/put-object.ts';
import type { Buckets } from './buckets.ts';
import { sendS3Error } from './s3-error.ts';
import { checkExpiry, checkServed, readS3Request } from './s3-request.ts';

interface Operation {
  /** The name of the action in AWS. */
  name: string;
  run(call: Call): void | Promise<void>;
  /** The parameters that the action accepts. */
  parameters?: readonly string[];
}

interface Variant extends Operation {
  /** The parameter that distinguishes it from other actions of its method. */
  by?: string;
  /** True if the action copies its bytes from a source. */
  copies?: boolean;
}

const PART = ['partNumber', 'uploadId'];

/** The actions on an object by method. The first whose parameter and header are present is called. */
const ON_OBJECT: Readonly<Record<string, readonly Variant[]>> = {
  PUT: [
    { name: 'UploadPartCopy', run: uploadPartCopy, by: 'uploadId', copies: true, parameters: PART },
    { name: 'UploadPart', run: uploadPart, by: 'uploadId', parameters: PART },
    { name: 'CopyObject', run: copyObject, copies: true },
    { name: 'PutObject', run: putObject },
  ],
  GET: [
    { name: 'ListParts', run: listParts, by: 'uploadId', parameters: LIST_PARTS_PARAMETERS },
    { name: 'GetObjectTagging', run: getObjectTagging, by: 'tagging', parameters: ['tagging'] },
    { name: 'GetObject', run: getObject, parameters: ['partNumber'] },
  ],
  HEAD: [{ name: 'HeadObject', run: headObject, parameters: ['partNumber'] }],
  POST: [
    {
      name: 'CreateMultipartUpload',
      run: createMultipartUpload,
      by: 'uploads',
      parameters: ['uploads'],
    },
    {
      name: 'CompleteMultipartUpload',
      run: completeMultipartUpload,
      by: 'uploadId',
      parameters: ['uploadId'],
    },
  ],
  DELETE: [
    {
      name: 'AbortMultipartUpload',
      run: abortMultipartUpload,
      by: 'uploadId',
      parameters: ['uploadId'],
    },
    { name: 'DeleteObject', run: deleteObject },
  ],
};

/** The actions on a bucket, selected in the same way. */
const ON_BUCKET: Readonly<Record<string, readonly Variant[]>> = {
  PUT: [{ name: 'CreateBucket', run: createBucket }],
  HEAD: [{ name: 'HeadBucket', run: headBucket }],
  DELETE: [{ name: 'DeleteBucket', run: deleteBucket }],
  GET: [
    {
      name: 'ListObjectsV2',
      run: listObjectsV2,
      by: 'list-type',
      parameters: LIST_V2_PARAMETERS,
    },
    {
      name: 'GetBucketLocation',
      run: getBucketLocation,
      by: 'location',
      parameters: ['location'],
    },
    {
      name: 'GetBucketVersioning',
      run: getBucketVersioning,
      by: 'versioning',
      parameters: ['versioning'],
    },
    {
      name: 'ListMultipartUploads',
      run: listMultipartUploads,
      by: 'uploads',
      parameters: LIST_UPLOADS_PARAMETERS,
    },
    { name: 'ListObjects', run: listObjects, parameters: LIST_PARAMETERS },
  ],
  POST: [{ name: 'DeleteObjects', run: deleteObjects, by: 'delete', parameters: ['delete'] }],
};

const LIST_BUCKETS: Operation = { name: 'ListBuckets', run: listBuckets };

export const s3Actions = [ON_OBJECT, ON_BUCKET, { GET: [LIST_BUCKETS] }]
  .flatMap((operations) => Object.values<readonly Operation[]>(operations).flat())
  .map(({ name }) => `s3:${name}`);

/** Answers S3 calls. */
export function s3Api(buckets: Buckets, faults: Faults, guard?: S3Guard) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let access: S3Access | undefined;
    try {
      const { bucket, key, query } = readS3Request(request.url ?? '/');
      const operation = operationOf(request, bucket, key, query);
      checkServed(request, query, operation.parameters ?? []);
      checkExpiry(query);
      access = guard?.({ request, bucket, key });
      const denied = access?.call(operation.name);
      if (denied !== undefined) throw denied;
      if (!faults.none) {
        const action = `s3:${operation.name}`;
        await applyFaults(faults, { request, response, action, facts: s3Facts({ bucket, key }) });
      }
      await operation.run({ request, response, buckets, bucket, key, query, access });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      request.resume(); // what is left of the body, so that the connection can be used again
      const hidden = error.code === 'NoSuchKey' ? access?.missing() : undefined;
      sendS3Error(request, response, hidden ?? error);
    }
  };
}

function operationOf(
  { method = '', headers }: IncomingMessage,
  bucket: string,
  key: string,
  query: URLSearchParams,
): Operation {
  if (bucket === '' && method === 'GET') return LIST_BUCKETS;
  const variants = bucket === '' ? [] : ((key === '' ? ON_BUCKET : ON_OBJECT)[method] ?? []);
  const isCopy = headers['x-amz-copy-source'] !== undefined;
  const operation = variants.find(
    ({ by, copies = false }) =>
      (by === undefined || query.has(by)) && (method !== 'PUT' || copies === isCopy),
  );
  if (operation === undefined) throw notServed(`This call of S3 (${method} with these parameters)`);
  return operation;
}
