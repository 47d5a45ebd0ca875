import type { IncomingMessage, ServerResponse } from 'node:http';

import { ApiError, notServed } from '../api-error.ts';
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
  run(call: Call): void | Promise<void>;
  /** The parameters it knows. */
  parameters?: readonly string[];
}

const ON_OBJECT: Readonly<Record<string, Operation>> = {
  PUT: { run: putObject },
  GET: { run: getObject },
  HEAD: { run: headObject },
  DELETE: { run: deleteObject },
};

const ON_BUCKET: Readonly<Record<string, Operation>> = {
  PUT: { run: createBucket },
  HEAD: { run: headBucket },
  DELETE: { run: deleteBucket },
};

/** Answers one S3 call. Rejects only with what is no answer of the API. */
export function s3Api(buckets: Buckets) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const { bucket, key, query } = readS3Request(request.url ?? '/');
      const operation = operationOf(request.method ?? '', bucket, key, query);
      checkServed(request, query, operation.parameters ?? []);
      checkExpiry(query);
      await operation.run({ request, response, buckets, bucket, key, query });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      sendError(request, response, error);
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
        ? { run: listBuckets }
        : undefined
      : key !== ''
        ? ON_OBJECT[method]
        : (withParameter(method, query) ?? ON_BUCKET[method]);
  if (operation === undefined) throw notServed(`This call of S3 (${method} with these parameters)`);
  return operation;
}

/** Calls on a bucket that differ by a parameter only. */
function withParameter(method: string, query: URLSearchParams): Operation | undefined {
  if (method === 'GET' && query.get('list-type') === '2') {
    return { run: listObjects, parameters: LIST_PARAMETERS };
  }
  if (method === 'GET' && query.has('location')) {
    return { run: getBucketLocation, parameters: ['location'] };
  }
  if (method === 'POST' && query.has('delete')) {
    return { run: deleteObjects, parameters: ['delete'] };
  }
  return undefined;
}

function sendError(request: IncomingMessage, response: ServerResponse, error: ApiError): void {
  const body = Buffer.from(
    toXml('Error', {
      Code: error.code,
      Message: error.message,
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
