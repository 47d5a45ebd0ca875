import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

import { ApiError } from '../../api-error.ts';
import { parseRange, type ByteRange } from '../byte-range.ts';
import { isNotModified, noSuchKey } from '../conditions.ts';
import type { ObjectInfo } from '../object-file.ts';
import { sendXml, type Call } from './call.ts';
import { checksumHeaders } from './put-object.ts';

/** An object up to this size is read at once, which is cheaper than a stream. */
const AT_ONCE_BYTES = 1_048_576;

export async function getObject(call: Call): Promise<void> {
  const opened = await call.buckets.get(call.bucket).open(call.key);
  if (opened === undefined) throw noSuchKey(call.key);
  await using file = opened.file;
  const range = begin(call, opened.info);
  if (range !== null) await sendBytes(call, file, range);
}

export function headObject(call: Call): void {
  const info = call.buckets.get(call.bucket).head(call.key);
  if (info === undefined) throw noSuchKey(call.key);
  begin(call, info);
  call.response.end();
}

/** No object has tags, because setting them is not served. Clients read them before a multipart copy. */
export function getObjectTagging({ response, buckets, bucket, key }: Call): void {
  if (buckets.get(bucket).head(key) === undefined) throw noSuchKey(key);
  sendXml(response, 'Tagging', { TagSet: '' });
}

/** Writes status and headers. @returns the range of bytes to send, or null if the response is complete */
function begin({ request, response, query }: Call, info: ObjectInfo): ByteRange | null {
  const { headers } = request;
  if (isNotModified(headers, info)) {
    response.writeHead(304, { etag: info.etag });
    response.end();
    return null;
  }
  const part = partOf(query.get('partNumber'), headers.range, info);
  const range = part ?? parseRange(headers.range, info.size);
  const { first, last } = range ?? { first: 0, last: info.size - 1 };
  const isWhole = last - first + 1 === info.size;
  response.writeHead(range === undefined ? 200 : 206, {
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
  });
  return { first, last };
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
  const length = range.last - range.first + 1;
  if (length <= AT_ONCE_BYTES) {
    const { buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, range.first);
    response.end(buffer);
    return;
  }
  const stream = file.createReadStream({
    start: range.first,
    end: range.last,
    autoClose: false,
  });
  await pipeline(stream, response);
}
