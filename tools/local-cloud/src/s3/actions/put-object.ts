import type { IncomingHttpHeaders } from 'node:http';

import { ApiError } from '../../api-error.ts';
import { etagOf, type ChecksumType } from '../checksums.ts';
import { checkWrite, checkWriteConditions } from '../conditions.ts';
import type { ObjectInfo } from '../object-file.ts';
import { discardBody, type StoredBody } from '../stored-body.ts';
import { sendEmpty, type Call } from './call.ts';
import { receiveBody } from './incoming-body.ts';

/** The headers of a put that a get returns. */
const STORED_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-language',
  'content-type',
  'expires',
];

const MAX_KEY_BYTES = 1024;

export async function putObject(call: Call): Promise<void> {
  const { request, response, buckets, bucket, key } = call;
  const { headers } = request;
  buckets.get(bucket);
  checkKey(key);
  checkWriteConditions(headers);
  const { body } = await receiveBody(call);
  const info = await commitBody(call, body, storedHeaders(headers));
  sendEmpty(response, 200, { etag: info.etag, ...checksumHeaders(info) });
}

/** Stores a body as the call's object if the call's conditions hold. */
export async function commitBody(
  { request, buckets, bucket, key }: Call,
  body: StoredBody,
  headers: Record<string, string>,
): Promise<ObjectInfo> {
  try {
    const { md5 = '', ...checksums } = body.digests;
    return await buckets
      .get(bucket)
      .commit(body, { key, headers, etag: etagOf(md5), checksums }, (present) =>
        checkWrite(request.headers, key, present),
      );
  } catch (error) {
    await discardBody(body);
    throw error;
  }
}

export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new ApiError('KeyTooLongError', 'Your key is too long', 400, {
      Size: String(Buffer.byteLength(key)),
      MaxSizeAllowed: String(MAX_KEY_BYTES),
    });
  }
}

export const checksumTypeOf = ({ multipart }: ObjectInfo): ChecksumType =>
  multipart?.checksumType ?? 'FULL_OBJECT';

export function checksumHeaders(info: ObjectInfo): Record<string, string> {
  return {
    ...Object.fromEntries(
      Object.entries(info.checksums).map(([algorithm, value]) => [
        `x-amz-checksum-${algorithm}`,
        value,
      ]),
    ),
    'x-amz-checksum-type': checksumTypeOf(info),
  };
}

export function storedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const stored: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const [name, value] of Object.entries(headers)) {
    if (STORED_HEADERS.includes(name) || name.startsWith('x-amz-meta-'))
      stored[name] = String(value);
  }
  const encodings =
    headers['content-encoding']?.split(',').map((encoding) => encoding.trim()) ?? [];
  const encoding = encodings.filter((name) => name !== 'aws-chunked' && name !== '').join(',');
  return encoding === '' ? stored : { ...stored, 'content-encoding': encoding };
}
