import type { IncomingHttpHeaders } from 'node:http';

import { ApiError } from '../../api-error.ts';
import { decodeAwsChunked } from '../aws-chunked.ts';
import type { Upload } from '../bucket.ts';
import { verifyChecksums } from '../checksums.ts';
import { checkWrite, checkWriteConditions } from '../conditions.ts';
import { sendEmpty, type Call } from './call.ts';

/** Headers of a put that a get gives back. */
const KEPT = [
  'cache-control',
  'content-disposition',
  'content-language',
  'content-type',
  'expires',
];

const MAX_KEY_BYTES = 1024;

export async function putObject({ request, response, buckets, bucket, key }: Call): Promise<void> {
  const { headers } = request;
  const target = buckets.get(bucket);
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new ApiError('KeyTooLongError', 'Your key is too long');
  }
  checkWriteConditions(headers);
  const announced = announcedChecksums(headers);
  const trailing = headers['x-amz-trailer']?.toString().replace(/^x-amz-checksum-/, '');
  // A body that cannot be written must not take the connection with it: its client is to be answered.
  const received = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  const body = isAwsChunked(headers)
    ? decodeAwsChunked(received, (name, value) => {
        const algorithm = /^x-amz-checksum-(.+)$/.exec(name)?.[1];
        if (algorithm !== undefined) announced[algorithm] = value;
      })
    : received;
  const algorithms = [...Object.keys(announced), ...(trailing === undefined ? [] : [trailing])];
  const upload = await target.upload(body, algorithms);
  try {
    checkIntegrity(headers, announced, upload);
    const { etag, checksums } = await target.commit(
      upload,
      { key, headers: keptHeaders(headers) },
      (present) => checkWrite(headers, present),
    );
    sendEmpty(response, 200, { etag, ...checksumHeaders(checksums) });
  } catch (error) {
    await target.discard(upload);
    throw error;
  }
}

export function checksumHeaders(
  checksums: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    ...Object.fromEntries(
      Object.entries(checksums).map(([algorithm, value]) => [`x-amz-checksum-${algorithm}`, value]),
    ),
    'x-amz-checksum-type': 'FULL_OBJECT',
  };
}

function checkIntegrity(
  headers: IncomingHttpHeaders,
  announced: Readonly<Record<string, string>>,
  { info, md5 }: Upload,
): void {
  verifyChecksums(announced, info.checksums);
  const contentMd5 = headers['content-md5'];
  if (contentMd5 !== undefined && contentMd5 !== md5.toString('base64')) {
    throw new ApiError(
      'BadDigest',
      'The Content-MD5 you specified did not match what we received.',
    );
  }
  const length = headers['x-amz-decoded-content-length'];
  if (length !== undefined && Number(length) !== info.size) {
    throw new ApiError(
      'IncompleteBody',
      'The body is not as long as x-amz-decoded-content-length says.',
    );
  }
}

function announcedChecksums(headers: IncomingHttpHeaders): Record<string, string> {
  const announced: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const algorithm = /^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/.exec(name)?.[1];
    if (algorithm !== undefined) announced[algorithm] = String(value);
  }
  return announced;
}

function isAwsChunked(headers: IncomingHttpHeaders): boolean {
  return (
    headers['content-encoding']?.includes('aws-chunked') === true ||
    headers['x-amz-content-sha256']?.toString().startsWith('STREAMING-') === true
  );
}

function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = { 'content-type': 'application/octet-stream' };
  for (const [name, value] of Object.entries(headers)) {
    if (KEPT.includes(name) || name.startsWith('x-amz-meta-')) kept[name] = String(value);
  }
  const encodings =
    headers['content-encoding']?.split(',').map((encoding) => encoding.trim()) ?? [];
  const encoding = encodings.filter((name) => name !== 'aws-chunked' && name !== '').join(',');
  return encoding === '' ? kept : { ...kept, 'content-encoding': encoding };
}
