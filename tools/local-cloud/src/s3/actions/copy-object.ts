import type { IncomingHttpHeaders } from 'node:http';
import type { FileHandle } from 'node:fs/promises';

import { ApiError, notServed } from '../../api-error.ts';
import type { ByteRange } from '../byte-range.ts';
import { DEFAULT_ALGORITHM, parseAlgorithm, type Algorithm } from '../checksums.ts';
import { checkWriteConditions, conditionFailed, isNotModified, noSuchKey } from '../conditions.ts';
import type { ObjectInfo } from '../object-file.ts';
import type { StoredBody } from '../stored-body.ts';
import { sendXml, type Call } from './call.ts';
import { checksumElements } from './checksum-elements.ts';
import { checkKey, commitBody, storedHeaders } from './put-object.ts';

const READ_BYTES = 1_048_576;

/** Copies an object. The copy of a multipart object has no parts. */
export async function copyObject(call: Call): Promise<void> {
  const { request, response, buckets, bucket, key } = call;
  const { headers } = request;
  buckets.get(bucket);
  checkKey(key);
  checkWriteConditions(headers);
  const replaces = replacesMetadata(headers);
  const source = copySource(headers);
  if (source.bucket === bucket && source.key === key && !replaces) {
    throw new ApiError(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const { copied, body } = await copyBytes(call, source, (info) => ({
    algorithm: algorithmFor(headers, info),
    range: undefined,
  }));
  const info = await commitBody(call, body, replaces ? storedHeaders(headers) : copied.headers);
  sendXml(response, 'CopyObjectResult', {
    ETag: info.etag,
    LastModified: new Date(info.lastModifiedMs).toISOString(),
    ...checksumElements(info.checksums),
    ChecksumType: 'FULL_OBJECT',
  });
}

/**
 * Stores the bytes of the object that a call names as its source aside.
 * @param choose what of the object, and with which checksum
 * @throws ApiError when there is no such object or the conditions on it do not hold
 */
export async function copyBytes(
  { request, buckets }: Call,
  source: { bucket: string; key: string },
  choose: (info: ObjectInfo) => { algorithm: Algorithm; range: ByteRange | undefined },
): Promise<{ copied: ObjectInfo; body: StoredBody }> {
  const opened = await buckets.get(source.bucket).open(source.key);
  if (opened === undefined) throw noSuchKey(source.key);
  await using file = opened.file;
  const { info } = opened;
  checkSource(request.headers, info);
  const { algorithm, range } = choose(info);
  const all = { first: 0, last: info.size - 1 };
  const body = await buckets.store(bytesOf(file, range ?? all), ['md5', algorithm]);
  return { copied: info, body };
}

/** @throws ApiError if the source does not name an object */
export function copySource(headers: IncomingHttpHeaders): { bucket: string; key: string } {
  const given = String(headers['x-amz-copy-source']);
  const [path = '', query] = given.replace(/^\//, '').split('?');
  if (query !== undefined) throw notServed('Versioning');
  const slash = path.indexOf('/');
  try {
    const key = decodeURIComponent(path.slice(slash + 1));
    if (slash > 0 && key !== '') return { bucket: decodeURIComponent(path.slice(0, slash)), key };
  } catch {
    // The percent signs in it are no encoding: it is answered as what names no object.
  }
  throw new ApiError('InvalidArgument', 'Invalid copy source object key', 400, {
    ArgumentName: 'x-amz-copy-source',
    ArgumentValue: given,
  });
}

async function* bytesOf(file: FileHandle, { first, last }: ByteRange): AsyncGenerator<Buffer> {
  if (last < first) return;
  const options = { start: first, end: last, highWaterMark: READ_BYTES, autoClose: false };
  yield* file.createReadStream(options) as AsyncIterable<Buffer>;
}

function checkSource(headers: IncomingHttpHeaders, info: ObjectInfo): void {
  const prefix = 'x-amz-copy-source-';
  if (!isNotModified(headers, info, prefix)) return;
  const byTag = headers[`${prefix}if-none-match`] !== undefined;
  throw conditionFailed(`${prefix}${byTag ? 'If-None-Match' : 'If-Modified-Since'}`);
}

function replacesMetadata(headers: IncomingHttpHeaders): boolean {
  const directive = headers['x-amz-metadata-directive'] ?? 'COPY';
  if (directive === 'COPY' || directive === 'REPLACE') return directive === 'REPLACE';
  throw new ApiError('InvalidArgument', 'Unknown metadata directive.', 400, {
    ArgumentName: 'x-amz-metadata-directive',
    ArgumentValue: String(directive),
  });
}

/** Uses the requested value, or the source's value. */
function algorithmFor(headers: IncomingHttpHeaders, { checksums }: ObjectInfo): Algorithm {
  const asked = headers['x-amz-checksum-algorithm']?.toString() ?? Object.keys(checksums)[0];
  return asked === undefined ? DEFAULT_ALGORITHM : parseAlgorithm(asked);
}
