import type { FileHandle } from 'node:fs/promises';
import type { OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream/promises';

import { ApiError } from '../../api-error.ts';
import { parseRange, type ByteRange } from '../byte-range.ts';
import { isNotModified, noSuchKey } from '../conditions.ts';
import type { ObjectInfo } from '../object-file.ts';
import { AT_ONCE_BYTES } from '../stored-body.ts';
import { sendXml, type Call } from './call.ts';
import { checksumHeaders } from './put-object.ts';

export async function getObject(call: Call): Promise<void> {
  const bucket = call.buckets.get(call.bucket);
  const info = bucket.head(call.key);
  if (info === undefined) throw noSuchKey(call.key);
  if (info.size <= AT_ONCE_BYTES) {
    const { status, headers, range } = answerTo(call, info);
    const bytes = range === null ? undefined : bucket.read(call.key, range);
    call.response.writeHead(status, headers);
    call.response.end(bytes);
    return;
  }
  const opened = await bucket.open(call.key);
  if (opened === undefined) throw noSuchKey(call.key);
  await using file = opened.file;
  const { status, headers, range } = answerTo(call, opened.info);
  call.response.writeHead(status, headers);
  if (range === null) call.response.end();
  else await sendBytes(call, file, range);
}

export function headObject(call: Call): void {
  const info = call.buckets.get(call.bucket).head(call.key);
  if (info === undefined) throw noSuchKey(call.key);
  const { status, headers } = answerTo(call, info);
  call.response.writeHead(status, headers);
  call.response.end();
}

/** No object has tags, because setting them is not served. Clients read them before a multipart copy. */
export function getObjectTagging({ response, buckets, bucket, key }: Call): void {
  if (buckets.get(bucket).head(key) === undefined) throw noSuchKey(key);
  sendXml(response, 'Tagging', { TagSet: '' });
}

/** The answer to a read; the range of bytes to send is null if there are none. */
function answerTo(
  { request, query }: Call,
  info: ObjectInfo,
): { status: number; headers: OutgoingHttpHeaders; range: ByteRange | null } {
  const { headers } = request;
  if (isNotModified(headers, info)) {
    return { status: 304, headers: { etag: info.etag }, range: null };
  }
  const part = partOf(query.get('partNumber'), headers.range, info);
  const range = part ?? parseRange(headers.range, info.size);
  const { first, last } = range ?? { first: 0, last: info.size - 1 };
  const isWhole = last - first + 1 === info.size;
  const answer = {
    ...info.headers,
    'accept-ranges': 'bytes',
    'content-length': last - first + 1,
    etag: info.etag,
    'last-modified': new Date(info.lastModifiedMs).toUTCString(),
    ...(range === undefined ? {} : { 'content-range': `bytes ${first}-${last}/${info.size}` }),
    ...(part === undefined || info.multipart === undefined
      ? {}
      : { 'x-amz-mp-parts-count': info.multipart.partSizes.length }),
    // A part of an object has no stored checksum.
    ...(isWhole && headers['x-amz-checksum-mode'] === 'ENABLED' ? checksumHeaders(info) : {}),
  };
  return { status: range === undefined ? 200 : 206, headers: answer, range: { first, last } };
}

/** Returns the byte range of a part; an object that was not uploaded in parts has one part. @throws ApiError 416 */
function partOf(given: string | null, range: string | undefined, info: ObjectInfo) {
  if (given === null) return undefined;
  if (range !== undefined) {
    throw new ApiError(
      'InvalidRequest',
      'Cannot specify both Range header and partNumber query parameter',
    );
  }
  const sizes = info.multipart?.partSizes ?? [info.size];
  const size = /^\d+$/.test(given) ? sizes[Number(given) - 1] : undefined;
  if (size === undefined) {
    throw new ApiError('InvalidPartNumber', 'The requested partnumber is not satisfiable', 416, {
      ActualPartCount: String(sizes.length),
      PartNumberRequested: given,
    });
  }
  const first = sizes.slice(0, Number(given) - 1).reduce((sum, each) => sum + each, 0);
  return { first, last: first + size - 1 };
}

async function sendBytes({ response }: Call, file: FileHandle, range: ByteRange): Promise<void> {
  const stream = file.createReadStream({
    start: range.first,
    end: range.last,
    autoClose: false,
  });
  await pipeline(stream, response);
}
