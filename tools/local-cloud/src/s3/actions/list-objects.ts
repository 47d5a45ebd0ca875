import { ApiError } from '../../api-error.ts';
import { listPage } from '../list-page.ts';
import { sendXml, type Call } from './call.ts';

const MAX_PAGE = 1000;

export const LIST_PARAMETERS = [
  'list-type',
  'prefix',
  'delimiter',
  'max-keys',
  'continuation-token',
  'start-after',
  'encoding-type',
  'fetch-owner',
];

/** ListObjectsV2. */
export function listObjects({ response, buckets, bucket, query }: Call): void {
  const target = buckets.get(bucket);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const token = query.get('continuation-token');
  const after = token === null ? (query.get('start-after') ?? '') : fromToken(token);
  const maxKeys = pageSize(query.get('max-keys'));
  const page = listPage(target.keys(), { prefix, delimiter, after, maxKeys });
  const encode = query.get('encoding-type') === 'url' ? urlEncode : (text: string) => text;
  sendXml(response, 'ListBucketResult', {
    Name: bucket,
    Prefix: encode(prefix),
    ...(delimiter === '' ? {} : { Delimiter: encode(delimiter) }),
    ...(query.has('encoding-type') ? { EncodingType: 'url' } : {}),
    MaxKeys: maxKeys,
    KeyCount: page.keys.length + page.commonPrefixes.length,
    IsTruncated: page.next !== undefined,
    ...(token === null ? {} : { ContinuationToken: token }),
    ...(page.next === undefined ? {} : { NextContinuationToken: toToken(page.next) }),
    Contents: page.keys.map((key) => {
      const info = target.head(key);
      return {
        Key: encode(key),
        LastModified: new Date(info?.lastModifiedMs ?? 0).toISOString(),
        ETag: info?.etag,
        Size: info?.size,
        StorageClass: 'STANDARD',
      };
    }),
    CommonPrefixes: page.commonPrefixes.map((common) => ({ Prefix: encode(common) })),
  });
}

function pageSize(given: string | null): number {
  if (given === null) return MAX_PAGE;
  if (!/^\d+$/.test(given)) {
    throw new ApiError(
      'InvalidArgument',
      'Provided max-keys not an integer or within integer range',
    );
  }
  return Math.min(MAX_PAGE, Number(given));
}

const toToken = (key: string) => Buffer.from(`1${key}`).toString('base64url');

function fromToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith('1')) {
    throw new ApiError('InvalidArgument', 'The continuation token provided is incorrect');
  }
  return text.slice(1);
}

/** As S3 does it: slashes stay. */
const urlEncode = (text: string) => encodeURIComponent(text).replaceAll('%2F', '/');
