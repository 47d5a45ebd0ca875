import type { IncomingHttpHeaders } from 'node:http';

import { ApiError, notServed } from '../api-error.ts';
import type { ObjectInfo } from './object-file.ts';

/**
 * Conditions of a write.
 * docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 * @throws ApiError 412 when it does not hold, 404 for If-Match on a key without an object
 */
export function checkWrite(headers: IncomingHttpHeaders, present: ObjectInfo | undefined): void {
  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined) {
    if (noneMatch !== '*') throw notServed('If-None-Match with another value than * on a write');
    if (present !== undefined) throw failed('If-None-Match');
  }
  const match = headers['if-match'];
  if (match !== undefined) {
    if (present === undefined) throw noSuchKey();
    if (!sameTag(match, present.etag)) throw failed('If-Match');
  }
}

/** Conditions of a read. @returns whether the answer is 304, because the client has it @throws ApiError 412 */
export function isNotModified(headers: IncomingHttpHeaders, present: ObjectInfo): boolean {
  const { 'if-match': match, 'if-none-match': noneMatch, 'if-modified-since': since } = headers;
  if (headers['if-unmodified-since'] !== undefined) throw notServed('If-Unmodified-Since');
  if (match !== undefined && !sameTag(match, present.etag)) throw failed('If-Match');
  if (noneMatch !== undefined) return noneMatch === '*' || sameTag(noneMatch, present.etag);
  return (
    since !== undefined && Math.floor(present.lastModifiedMs / 1000) <= Date.parse(since) / 1000
  );
}

export function noSuchKey(): ApiError {
  return new ApiError('NoSuchKey', 'The specified key does not exist.', 404);
}

function failed(condition: string): ApiError {
  return new ApiError(
    'PreconditionFailed',
    `At least one of the pre-conditions you specified did not hold (${condition})`,
    412,
  );
}

const sameTag = (given: string, etag: string) =>
  given.replaceAll('"', '') === etag.replaceAll('"', '');
