import { ApiError } from '../../api-error.ts';
import type { Bucket } from '../bucket.ts';
import { listPage, type ListPage } from '../list-page.ts';
import { OWNER, sendXml, type Call } from './call.ts';
import { listEncoding, pageSize } from './list-parameters.ts';
import { checksumTypeOf } from './put-object.ts';

const COMMON_PARAMETERS = ['prefix', 'delimiter', 'max-keys', 'encoding-type'];

export const LIST_PARAMETERS = [...COMMON_PARAMETERS, 'marker'];

/** Version 1, which boto3's collections, rclone and s3cmd still call. */
export function listObjects(call: Call): void {
  const marker = call.query.get('marker') ?? '';
  const { target, page, delimiter, encode, common } = list(call, marker);
  sendXml(call.response, 'ListBucketResult', {
    ...common,
    Marker: encode(marker),
    // Without a delimiter the last key is the marker of the next page, and S3 does not repeat it.
    ...(page.next === undefined || delimiter === '' ? {} : { NextMarker: encode(page.next) }),
    ...entries(target, page, encode, true),
  });
}

export const LIST_V2_PARAMETERS = [
  ...COMMON_PARAMETERS,
  'list-type',
  'continuation-token',
  'start-after',
  'fetch-owner',
];

export function listObjectsV2(call: Call): void {
  const { query } = call;
  if (query.get('list-type') !== '2') {
    throw new ApiError('InvalidArgument', 'Invalid List Type specified in Request', 400, {
      ArgumentName: 'list-type',
      ArgumentValue: query.get('list-type') ?? '',
    });
  }
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after') ?? '';
  const { target, page, encode, common } = list(
    call,
    token === null ? startAfter : fromToken(token),
  );
  sendXml(call.response, 'ListBucketResult', {
    ...common,
    KeyCount: page.keys.length + page.commonPrefixes.length,
    ...(startAfter === '' ? {} : { StartAfter: encode(startAfter) }),
    ...(token === null ? {} : { ContinuationToken: token }),
    ...(page.next === undefined ? {} : { NextContinuationToken: toToken(page.next) }),
    ...entries(target, page, encode, query.get('fetch-owner') === 'true'),
  });
}

/** The common part of both versions. */
function list({ buckets, bucket, query }: Call, after: string) {
  const target = buckets.get(bucket);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const maxKeys = pageSize(query, 'max-keys');
  const { encode, element } = listEncoding(query);
  const page = listPage(target.keys(), { prefix, delimiter, after, maxKeys });
  const common = {
    Name: bucket,
    Prefix: encode(prefix),
    ...(delimiter === '' ? {} : { Delimiter: encode(delimiter) }),
    ...element,
    MaxKeys: maxKeys,
    IsTruncated: page.next !== undefined,
  };
  return { target, page, delimiter, encode, common };
}

function entries(
  target: Bucket,
  page: ListPage,
  encode: (text: string) => string,
  withOwner: boolean,
) {
  return {
    Contents: page.keys.map((key) => {
      const info = target.head(key);
      if (info === undefined) throw new Error(`The key ${key} is listed but has no object.`);
      return {
        Key: encode(key),
        LastModified: new Date(info.lastModifiedMs).toISOString(),
        ETag: info.etag,
        ChecksumAlgorithm: Object.keys(info.checksums).map((name) => name.toUpperCase()),
        ChecksumType: checksumTypeOf(info),
        Size: info.size,
        StorageClass: 'STANDARD',
        ...(withOwner ? { Owner: { ID: OWNER.ID } } : {}),
      };
    }),
    CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
}

const toToken = (key: string) => Buffer.from(`1${key}`).toString('base64url');

function fromToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith('1')) {
    throw new ApiError('InvalidArgument', 'The continuation token provided is incorrect', 400, {
      ArgumentName: 'continuation-token',
    });
  }
  return text.slice(1);
}
