import type { IncomingMessage, ServerResponse } from 'node:http';

import { errorAnswer, notServed, type ApiError, type OnFailure } from '../api-error.ts';
import { s3Facts } from '../faults/call-facts.ts';
import { meetFaults } from '../faults/call-faults.ts';
import type { Faults } from '../faults/faults.ts';
import { toXml } from '../xml.ts';
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  headBucket,
  listBuckets,
} from './actions/buckets.ts';
import type { Call } from './actions/call.ts';
import { deleteObject, deleteObjects } from './actions/delete-objects.ts';
import { getObject, headObject } from './actions/get-object.ts';
import { LIST_PARAMETERS, listObjects } from './actions/list-objects.ts';
import { putObject } from './actions/put-object.ts';
import type { Buckets } from './buckets.ts';
import { checkExpiry, checkServed, readS3Request } from './s3-request.ts';

interface Operation {
  /** What AWS calls it. */
  name: string;
  run(call: Call): void | Promise<void>;
  /** The parameters it knows. */
  parameters?: readonly string[];
}

const ON_OBJECT: Readonly<Record<string, Operation>> = {
  PUT: { name: 'PutObject', run: putObject },
  GET: { name: 'GetObject', run: getObject },
  HEAD: { name: 'HeadObject', run: headObject },
  DELETE: { name: 'DeleteObject', run: deleteObject },
};

const ON_BUCKET: Readonly<Record<string, Operation>> = {
  PUT: { name: 'CreateBucket', run: createBucket },
  HEAD: { name: 'HeadBucket', run: headBucket },
  DELETE: { name: 'DeleteBucket', run: deleteBucket },
};

const LIST_BUCKETS: Operation = { name: 'ListBuckets', run: listBuckets };

/** Calls on a bucket that differ from the others by a parameter only. */
const WITH_PARAMETER = {
  listObjects: { name: 'ListObjectsV2', run: listObjects, parameters: LIST_PARAMETERS },
  getLocation: { name: 'GetBucketLocation', run: getBucketLocation, parameters: ['location'] },
  deleteObjects: { name: 'DeleteObjects', run: deleteObjects, parameters: ['delete'] },
} satisfies Record<string, Operation>;

export const s3Actions = [ON_OBJECT, ON_BUCKET, WITH_PARAMETER, { LIST_BUCKETS }]
  .flatMap((operations) => Object.values<Operation>(operations))
  .map(({ name }) => `s3:${name}`);

/** Answers S3 calls. */
export function s3Api(buckets: Buckets, faults: Faults, onFailure: OnFailure) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const { bucket, key, query } = readS3Request(request.url ?? '/');
      const operation = operationOf(request.method ?? '', bucket, key, query);
      checkServed(request, query, operation.parameters ?? []);
      checkExpiry(query);
      if (!faults.none) {
        const action = `s3:${operation.name}`;
        await meetFaults(faults, { request, response, action, facts: s3Facts({ bucket, key }) });
      }
      await operation.run({ request, response, buckets, bucket, key, query });
    } catch (error) {
      const answer = errorAnswer(error, { request, response }, onFailure);
      if (answer !== undefined) sendError(request, response, answer);
    }
  };
}

function operationOf(
  method: string,
  bucket: string,
  key: string,
  query: URLSearchParams,
): Operation {
  const operation =
    bucket === ''
      ? method === 'GET'
        ? LIST_BUCKETS
        : undefined
      : key !== ''
        ? ON_OBJECT[method]
        : (withParameter(method, query) ?? ON_BUCKET[method]);
  if (operation === undefined) throw notServed(`This call of S3 (${method} with these parameters)`);
  return operation;
}

function withParameter(method: string, query: URLSearchParams): Operation | undefined {
  if (method === 'GET' && query.get('list-type') === '2') {
    return WITH_PARAMETER.listObjects;
  }
  if (method === 'GET' && query.has('location')) {
    return WITH_PARAMETER.getLocation;
  }
  if (method === 'POST' && query.has('delete')) {
    return WITH_PARAMETER.deleteObjects;
  }
  return undefined;
}

function sendError(request: IncomingMessage, response: ServerResponse, error: ApiError): void {
  const body = Buffer.from(
    toXml('Error', {
      Code: error.code,
      Message: error.message,
      ...error.details,
      Resource: request.url,
      RequestId: 'local',
    }),
  );
  response.writeHead(error.status, {
    'content-type': 'application/xml',
    'content-length': body.length,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
  request.resume(); // what is left of the body, so that the connection can be used again
}
