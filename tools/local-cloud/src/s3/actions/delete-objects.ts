import * as z from 'zod';

import { ApiError, notServed } from '../../api-error.ts';
import { readBody } from '../../request-body.ts';
import { checkDelete, unsupportedHeader } from '../conditions.ts';
import { parseS3Xml } from '../s3-xml.ts';
import { sendEmpty, sendXml, type Call } from './call.ts';

/** The size of a thousand keys of 1,024 bytes, and the XML around them. */
const MAX_BODY_BYTES = 8 * 1_048_576;

const deletion = z.object({
  Delete: z.object({
    Object: z
      .array(
        z.object({
          Key: z.string().min(1),
          ETag: z.string().optional(),
          VersionId: z.string().optional(),
          LastModifiedTime: z.string().optional(),
          Size: z.string().optional(),
        }),
      )
      .min(1)
      .max(1000),
    Quiet: z.string().optional(),
  }),
});

/** S3 supports these conditions for directory buckets only. */
const DIRECTORY_BUCKETS_ONLY = ['x-amz-if-match-last-modified-time', 'x-amz-if-match-size'];

export function deleteObject({ request, response, buckets, bucket, key }: Call): void {
  const { headers } = request;
  const unsupported = DIRECTORY_BUCKETS_ONLY.find((name) => headers[name] !== undefined);
  if (unsupported !== undefined) throw unsupportedHeader(unsupported);
  const target = buckets.get(bucket);
  checkDelete(headers['if-match'], key, target.head(key));
  buckets.deleteObject(bucket, key);
  sendEmpty(response, 204);
}

/** Each entry succeeds or fails separately. An object whose condition fails is not deleted. */
export async function deleteObjects(call: Call): Promise<void> {
  const { request, response, buckets, bucket } = call;
  const target = buckets.get(bucket);
  const body = await readBody(request, MAX_BODY_BYTES);
  const { Object: objects, Quiet: quiet } = parseS3Xml(body, ['Object'], deletion).Delete;
  if (objects.some(({ VersionId }) => VersionId !== undefined)) throw notServed('Versioning');
  if (objects.some(({ LastModifiedTime, Size }) => (LastModifiedTime ?? Size) !== undefined)) {
    throw notServed('A delete by LastModifiedTime or Size, which S3 has for directory buckets,');
  }
  const Deleted: object[] = [];
  const Errors: object[] = [];
  for (const { Key, ETag } of objects) {
    try {
      const denied = call.access?.delete(Key);
      if (denied !== undefined) throw denied;
      checkDelete(ETag, Key, target.head(Key));
      buckets.deleteObject(bucket, Key);
      if (quiet !== 'true') Deleted.push({ Key });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      Errors.push({ Key, Code: error.code, Message: error.message });
    }
  }
  sendXml(response, 'DeleteResult', { Deleted, Error: Errors });
}
