import type { IncomingMessage } from 'node:http';

import { ApiError, notServed } from '../api-error.ts';

/** A call in path style: `/bucket/key`. */
export interface S3Request {
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
}

export function readS3Request(url: string): S3Request {
  const [path = '', query = ''] = splitOnce(url, '?');
  const [bucket = '', key = ''] = splitOnce(path.slice(1), '/');
  try {
    return {
      bucket: decodeURIComponent(bucket),
      key: decodeURIComponent(key),
      query: new URLSearchParams(query),
    };
  } catch {
    throw new ApiError('InvalidURI', "Couldn't parse the specified URI.");
  }
}

/** S3 has more parameters than are served. Others are refused instead of ignored. */
export function checkServed(
  request: IncomingMessage,
  query: URLSearchParams,
  parameters: readonly string[],
): void {
  for (const name of query.keys()) {
    if (name !== 'x-id' && !/^x-amz-/i.test(name) && !parameters.includes(name)) {
      throw notServed(`The S3 parameter ${name} on this call`);
    }
  }
  for (const [name, value] of Object.entries(request.headers)) {
    if (!name.startsWith('x-amz-') || SERVED_HEADERS.test(name)) continue;
    if (DEFAULTS[name]?.includes(String(value)) !== true) {
      throw notServed(`The header ${name}${name in DEFAULTS ? `: ${String(value)}` : ''}`);
    }
  }
}

const SERVED_HEADERS =
  /^x-amz-(meta-.+|checksum-(mode|algorithm|type|crc32|crc32c|crc64nvme|sha1|sha256)|sdk-checksum-algorithm|if-match-(size|last-modified-time)|copy-source(-range|-if-.+)?|metadata-directive|mp-object-size|content-sha256|date|security-token|user-agent|decoded-content-length|trailer)$/;

/** Headers with their only accepted value: every object is private and has the standard storage class. */
const DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  'x-amz-acl': ['private', 'bucket-owner-full-control'],
  'x-amz-storage-class': ['STANDARD'],
  'x-amz-tagging-directive': ['COPY'],
  'x-amz-object-ownership': ['BucketOwnerEnforced'],
};

/** @throws ApiError 403 if a presigned URL has expired */
export function checkExpiry(query: URLSearchParams): void {
  const expires = query.get('X-Amz-Expires');
  if (expires === null) return;
  const signedAt = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get('X-Amz-Date') ?? '');
  const [, year, month, day, hour, minute, second] = (signedAt ?? []).map(Number);
  if (signedAt === null || !/^\d+$/.test(expires) || Number(expires) > 604_800) {
    throw new ApiError(
      'AuthorizationQueryParametersError',
      'X-Amz-Expires must be between 1 and 604800 seconds, and X-Amz-Date given.',
    );
  }
  const atMs = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
  if (Date.now() > atMs + Number(expires) * 1000) {
    throw new ApiError('AccessDenied', 'Request has expired', 403);
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
