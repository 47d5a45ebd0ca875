import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

import { parseRange, type ByteRange } from '../byte-range.ts';
import { isNotModified, noSuchKey } from '../conditions.ts';
import type { ObjectInfo } from '../object-file.ts';
import type { Call } from './call.ts';
import { checksumHeaders } from './put-object.ts';

/** Up to this size an object is read at once, which costs less than a stream. */
const AT_ONCE_BYTES = 1_048_576;

export async function getObject(call: Call): Promise<void> {
  const opened = await call.buckets.get(call.bucket).open(call.key);
  if (opened === undefined) throw noSuchKey();
  await using file = opened.file;
  const range = begin(call, opened.info);
  if (range !== null) await sendBytes(call, file, range);
}

export function headObject(call: Call): void {
  const info = call.buckets.get(call.bucket).head(call.key);
  if (info === undefined) throw noSuchKey();
  begin(call, info);
  call.response.end();
}

/** Writes status and headers. @returns what of the object is to follow, null when the answer is complete */
function begin({ request, response }: Call, info: ObjectInfo): ByteRange | null {
  if (isNotModified(request.headers, info)) {
    response.writeHead(304, { etag: info.etag });
    response.end();
    return null;
  }
  const range = parseRange(request.headers.range, info.size);
  const { first, last } = range ?? { first: 0, last: info.size - 1 };
  response.writeHead(range === undefined ? 200 : 206, {
    ...info.headers,
    'accept-ranges': 'bytes',
    'content-length': last - first + 1,
    etag: info.etag,
    'last-modified': new Date(info.lastModifiedMs).toUTCString(),
    ...(range === undefined
      ? checksumsAsked(request.headers['x-amz-checksum-mode'], info)
      : { 'content-range': `bytes ${first}-${last}/${info.size}` }),
  });
  return { first, last };
}

/** Of a part there is no checksum to give. */
function checksumsAsked(mode: string | string[] | undefined, info: ObjectInfo) {
  return mode === 'ENABLED' ? checksumHeaders(info.checksums) : {};
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
