import * as z from 'zod';

import { ApiError, notServed } from '../../api-error.ts';
import { readBody } from '../../request-body.ts';
import { parseXml } from '../../xml.ts';
import { sendEmpty, sendXml, type Call } from './call.ts';

/** A thousand keys of 1,024 bytes, and their frame. */
const MAX_BODY_BYTES = 8 * 1_048_576;

const deletion = z.object({
  Delete: z.object({
    Object: z.array(z.object({ Key: z.string(), VersionId: z.string().optional() })).max(1000),
    Quiet: z.string().optional(),
  }),
});

export function deleteObject({ request, response, buckets, bucket, key }: Call): void {
  if (request.headers['if-match'] !== undefined) throw notServed('A conditional delete');
  buckets.get(bucket).delete(key);
  sendEmpty(response, 204);
}

export async function deleteObjects({ request, response, buckets, bucket }: Call): Promise<void> {
  const target = buckets.get(bucket);
  const body = await readBody(request, MAX_BODY_BYTES);
  const parsed = deletion.safeParse(parseXml(body.toString(), ['Object']));
  if (!parsed.success) {
    throw new ApiError('MalformedXML', 'The XML you provided was not well-formed.', 400);
  }
  const { Object: objects, Quiet: quiet } = parsed.data.Delete;
  if (objects.some(({ VersionId }) => VersionId !== undefined)) throw notServed('Versioning');
  for (const { Key } of objects) target.delete(Key);
  sendXml(response, 'DeleteResult', {
    Deleted: quiet === 'true' ? [] : objects.map(({ Key }) => ({ Key })),
  });
}
