import type { IncomingHttpHeaders } from 'node:http';

import { ApiError } from '../../api-error.ts';
import { parseRange } from '../byte-range.ts';
import {
  DEFAULT_ALGORITHM,
  parseAlgorithm,
  type Algorithm,
  type ChecksumType,
} from '../checksums.ts';
import { noSuchUpload, type Upload } from '../multipart-uploads.ts';
import type { PartInfo } from '../multipart-upload.ts';
import { discardBody, type StoredBody } from '../stored-body.ts';
import { sendEmpty, sendXml, type Call } from './call.ts';
import { checksumElements } from './checksum-elements.ts';
import { copyBytes, copySource } from './copy-object.ts';
import { receiveBody } from './incoming-body.ts';
import { checkKey, storedHeaders } from './put-object.ts';

const MOST_PARTS = 10_000;

export async function createMultipartUpload(call: Call): Promise<void> {
  const { request, response, buckets, bucket, key } = call;
  buckets.get(bucket);
  checkKey(key);
  const { algorithm, checksumType } = checksumOf(request.headers);
  const headers = storedHeaders(request.headers);
  const upload = await buckets.uploads.create({ bucket, key, headers, algorithm, checksumType });
  if (algorithm !== undefined) {
    response.setHeader('x-amz-checksum-algorithm', algorithm.toUpperCase());
    response.setHeader('x-amz-checksum-type', checksumType);
  }
  const named = { Bucket: bucket, Key: key, UploadId: upload.id };
  sendXml(response, 'InitiateMultipartUploadResult', named);
}

export async function uploadPart(call: Call): Promise<void> {
  const number = partNumberOf(call.query);
  const upload = uploadOf(call);
  const { body, algorithm } = await receiveBody(call, upload.record.algorithm);
  const { digests } = await addPart(call, number, body);
  sendEmpty(call.response, 200, {
    etag: etagOfPart(digests),
    [`x-amz-checksum-${algorithm}`]: digests[algorithm] ?? '',
  });
}

export async function uploadPartCopy(call: Call): Promise<void> {
  const { headers } = call.request;
  const number = partNumberOf(call.query);
  const { record } = uploadOf(call);
  const algorithm = record.algorithm ?? DEFAULT_ALGORITHM;
  const { body } = await copyBytes(call, copySource(headers), ({ size }) => ({
    algorithm,
    range: copyRange(headers['x-amz-copy-source-range']?.toString(), size),
  }));
  const { digests, lastModifiedMs } = await addPart(call, number, body);
  sendXml(call.response, 'CopyPartResult', {
    ETag: etagOfPart(digests),
    LastModified: new Date(lastModifiedMs).toISOString(),
    ...(record.algorithm === undefined ? {} : checksumElements(withoutMd5(digests))),
  });
}

export async function abortMultipartUpload(call: Call): Promise<void> {
  const upload = uploadOf(call);
  // A completion in progress ends soon with success or failure.
  await upload.completing?.catch(() => {});
  await call.buckets.uploads.remove(uploadOf(call));
  sendEmpty(call.response, 204);
}

/** @throws ApiError NoSuchBucket or NoSuchUpload */
export function uploadOf({ buckets, bucket, key, query }: Call): Upload {
  buckets.get(bucket);
  const id = query.get('uploadId');
  if (id === null) throw noSuchUpload('');
  return buckets.uploads.get({ bucket, key }, id);
}

/** @param digests the digests in base64 */
export const etagOfPart = ({ md5 = '' }: Readonly<Record<string, string>>) =>
  `"${Buffer.from(md5, 'base64').toString('hex')}"`;

export function withoutMd5(digests: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(digests).filter(([name]) => name !== 'md5'));
}

async function addPart(call: Call, number: number, body: StoredBody): Promise<PartInfo> {
  try {
    // The upload is looked up again because it may have been completed or aborted while the body arrived.
    return await call.buckets.uploads.addPart(uploadOf(call), number, body);
  } catch (error) {
    await discardBody(body);
    throw error;
  }
}

function partNumberOf(query: URLSearchParams): number {
  const given = query.get('partNumber') ?? '';
  const number = Number(given);
  if (/^\d+$/.test(given) && number >= 1 && number <= MOST_PARTS) return number;
  throw new ApiError(
    'InvalidArgument',
    `Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`,
    400,
    { ArgumentName: 'partNumber', ArgumentValue: given },
  );
}

/** Unlike in a read, a range that exceeds the object is refused. */
function copyRange(header: string | undefined, size: number) {
  if (header === undefined) return undefined;
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  if (first === undefined || Number(last) >= size || Number(first) > Number(last)) {
    throw new ApiError(
      'InvalidArgument',
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      400,
      { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: header },
    );
  }
  return parseRange(header, size);
}

/** docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
function checksumOf(headers: IncomingHttpHeaders): {
  algorithm: Algorithm | undefined;
  checksumType: ChecksumType;
} {
  const named = headers['x-amz-checksum-algorithm']?.toString();
  const type = headers['x-amz-checksum-type']?.toString();
  if (named === undefined) {
    if (type === undefined) return { algorithm: undefined, checksumType: 'FULL_OBJECT' };
    throw invalid(
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    );
  }
  const algorithm = parseAlgorithm(named);
  const checksumType = type ?? (algorithm === 'crc64nvme' ? 'FULL_OBJECT' : 'COMPOSITE');
  if (checksumType !== 'FULL_OBJECT' && checksumType !== 'COMPOSITE') {
    throw invalid('Value for x-amz-checksum-type header is invalid.');
  }
  const impossible =
    checksumType === 'COMPOSITE' ? algorithm === 'crc64nvme' : algorithm.startsWith('sha');
  if (impossible) {
    throw invalid(
      `The ${checksumType} checksum type cannot be used with the ${algorithm} checksum algorithm.`,
    );
  }
  return { algorithm, checksumType };
}

const invalid = (message: string) => new ApiError('InvalidRequest', message);
