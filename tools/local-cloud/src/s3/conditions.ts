import type { IncomingHttpHeaders } from 'node:http';

import { ApiError } from '../api-error.ts';
import type { ObjectInfo } from './object-file.ts';

type Present = Pick<ObjectInfo, 'etag' | 'lastModifiedMs'>;

/**
 * Refuses conditions that S3 does not take on a write: it knows `If-None-Match: *` and `If-Match` with an ETag,
 * one of them at a time.
 * docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 * @throws ApiError 501, as S3 answers
 */
export function checkWriteConditions(headers: IncomingHttpHeaders): void {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  if (match !== undefined && noneMatch !== undefined) {
    throw unsupportedHeader(
      'If-Match,If-None-Match',
      'Multiple conditional request headers present in the request',
    );
  }
  if (match === '*') throw unsupportedValue('If-Match');
  if (noneMatch !== undefined && noneMatch !== '*') throw unsupportedValue('If-None-Match');
}

/**
 * Compares the conditions of a write with the existing object.
 * @throws ApiError 412 if they do not hold, 404 for If-Match on a key without an object
 */
export function checkWrite(
  headers: IncomingHttpHeaders,
  key: string,
  present: Present | undefined,
): void {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  if (noneMatch !== undefined && present !== undefined) throw conditionFailed('If-None-Match');
  if (match === undefined) return;
  if (present === undefined) throw noSuchKey(key);
  if (!sameTag(match, present.etag)) throw conditionFailed('If-Match');
}

/**
 * Compares the ETag of a conditional delete with the existing object; `*` matches any object.
 * docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
 * @throws ApiError 412, or 404 for an ETag on a key without an object
 */
export function checkDelete(
  match: string | undefined,
  key: string,
  present: Present | undefined,
): void {
  if (match === undefined || (match === '*' && present !== undefined)) return;
  if (present === undefined) {
    throw match === '*' ? conditionFailed('If-Match') : noSuchKey(key);
  }
  if (!sameTag(match, present.etag)) throw conditionFailed('If-Match');
}

/**
 * Compares the conditions of a read with the object. Of a pair, the ETag's condition decides (RFC 7232).
 * @param prefix of the headers: a copy has conditions on its source
 * @returns true if the client has the object: 304 for a read
 * @throws ApiError 412
 */
export function isNotModified(
  headers: IncomingHttpHeaders,
  present: Present,
  prefix = '',
): boolean {
  const of = (name: string) => headers[`${prefix}${name}`.toLowerCase()]?.toString();
  const [match, noneMatch] = [of('If-Match'), of('If-None-Match')];
  const unmodifiedSince = secondsOf(of('If-Unmodified-Since'));
  const modifiedSince = secondsOf(of('If-Modified-Since'));
  const modifiedAt = Math.floor(present.lastModifiedMs / 1000);
  if (match !== undefined) {
    if (!matchesAny(match, present.etag)) throw conditionFailed(`${prefix}If-Match`);
  } else if (unmodifiedSince !== undefined && modifiedAt > unmodifiedSince) {
    throw conditionFailed(`${prefix}If-Unmodified-Since`);
  }
  if (noneMatch !== undefined) return matchesAny(noneMatch, present.etag);
  // A client cannot have read the object at a future time.
  return (
    modifiedSince !== undefined && modifiedSince * 1000 <= Date.now() && modifiedAt <= modifiedSince
  );
}

export function noSuchKey(key: string): ApiError {
  return new ApiError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });
}

export function conditionFailed(condition: string): ApiError {
  return new ApiError(
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    412,
    { Condition: condition },
  );
}

/** S3's error for a header that it supports only for other buckets or calls. */
export function unsupportedHeader(header: string, additionalMessage?: string): ApiError {
  return new ApiError(
    'NotImplemented',
    'A header you provided implies functionality that is not implemented',
    501,
    { Header: header, ...(additionalMessage === undefined ? {} : { additionalMessage }) },
  );
}

function unsupportedValue(header: string): ApiError {
  return unsupportedHeader(
    header,
    `We don't accept the provided value of ${header} header for this API`,
  );
}

/** A date that cannot be parsed is ignored. */
function secondsOf(date: string | undefined): number | undefined {
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? undefined : ms / 1000;
}

const matchesAny = (given: string, etag: string) =>
  given.split(',').some((one) => one.trim() === '*' || sameTag(one.trim(), etag));

/** S3 accepts an ETag with or without quotation marks. */
const sameTag = (given: string, etag: string) => bare(given) === bare(etag);

const bare = (tag: string) => tag.replace(/^"(.*)"$/, '$1');
