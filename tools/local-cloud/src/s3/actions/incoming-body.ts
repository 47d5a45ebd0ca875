import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

import { ApiError } from '../../api-error.ts';
import { readChunks } from '../../request-body.ts';
import { decodeAwsChunked } from '../aws-chunked.ts';
import {
  DEFAULT_ALGORITHM,
  parseAlgorithm,
  verifyChecksums,
  type Algorithm,
} from '../checksums.ts';
import { AT_ONCE_BYTES, discardBody, type StoredBody } from '../stored-body.ts';
import type { Call } from './call.ts';

/** The limit of one PutObject or one part. docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MAX_BYTES = 5 * 1024 ** 3;

const CHECKSUM_HEADER = /^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/;

/**
 * Stores the body of a call aside, computes its MD5 and one checksum, and compares them with the digests that the client
 * sends in headers or trailers.
 * @param expected the algorithm of the multipart upload, which the client's checksum must have if it sends one
 * @throws ApiError if a digest does not match; the body is then discarded
 */
export async function receiveBody(
  { request, buckets }: Call,
  expected?: Algorithm,
): Promise<{ body: StoredBody; algorithm: Algorithm }> {
  const { headers } = request;
  checkLength(headers);
  const announced = announcedChecksums(headers);
  const named = [...Object.keys(announced), ...trailing(headers)];
  const algorithm =
    named[0] === undefined ? (expected ?? DEFAULT_ALGORITHM) : parseAlgorithm(named[0]);
  if (named.length > 1) {
    throw invalid(
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  if (expected !== undefined && algorithm !== expected) {
    throw invalid(
      `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${algorithm}`,
    );
  }
  const source = await bytesOf(request, (name, value) => {
    const [, trailer] = CHECKSUM_HEADER.exec(name) ?? [];
    if (trailer !== undefined) announced[trailer] = value;
  });
  const body = await buckets.store(source, ['md5', algorithm]);
  try {
    verifyChecksums(announced, body.digests);
    checkIntegrity(headers, body);
    return { body, algorithm };
  } catch (error) {
    await discardBody(body);
    throw error;
  }
}

async function bytesOf(
  request: IncomingMessage,
  onTrailer: (name: string, value: string) => void,
): Promise<AsyncIterable<Buffer> | Iterable<Buffer>> {
  const { headers } = request;
  if (!isAwsChunked(headers) && Number(headers['content-length']) <= AT_ONCE_BYTES) {
    return readChunks(request, AT_ONCE_BYTES);
  }
  // If the body cannot be written, the connection must stay open for the error response.
  const received = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  return isAwsChunked(headers) ? decodeAwsChunked(received, onTrailer) : received;
}

function checkLength(headers: IncomingHttpHeaders): void {
  const length = Number(headers['x-amz-decoded-content-length'] ?? headers['content-length'] ?? 0);
  if (length <= MAX_BYTES) return;
  throw new ApiError(
    'EntityTooLarge',
    'Your proposed upload exceeds the maximum allowed size',
    400,
    { ProposedSize: String(length), MaxSizeAllowed: String(MAX_BYTES) },
  );
}

function checkIntegrity(headers: IncomingHttpHeaders, { size, digests }: StoredBody): void {
  const contentMd5 = headers['content-md5'];
  if (contentMd5 !== undefined && contentMd5 !== digests['md5']) {
    throw new ApiError(
      'BadDigest',
      'The Content-MD5 you specified did not match what we received.',
    );
  }
  const length = headers['x-amz-decoded-content-length'];
  if (length !== undefined && Number(length) !== size) {
    throw new ApiError(
      'IncompleteBody',
      'The body is not as long as x-amz-decoded-content-length says.',
    );
  }
}

const CHECKSUM_BYTES: Readonly<Record<Algorithm, number>> = {
  crc32: 4,
  crc32c: 4,
  crc64nvme: 8,
  sha1: 20,
  sha256: 32,
};

/** @throws ApiError if a header's value is not a checksum */
export function announcedChecksums(headers: IncomingHttpHeaders): Record<string, string> {
  const announced: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const [, matched] = name.startsWith('x-amz-') ? (CHECKSUM_HEADER.exec(name) ?? []) : [];
    if (matched === undefined) continue;
    const [checksum = ''] = String(value).split(/-\d+$/, 1);
    const bytes = Buffer.from(checksum, 'base64');
    const sound = bytes.length === CHECKSUM_BYTES[parseAlgorithm(matched)];
    if (!sound || bytes.toString('base64') !== checksum) {
      throw invalid(`Value for ${name} header is invalid.`);
    }
    announced[matched] = String(value);
  }
  return announced;
}

/** Returns the algorithm of the checksum in the trailer. */
function trailing(headers: IncomingHttpHeaders): string[] {
  const [, trailer] = CHECKSUM_HEADER.exec(String(headers['x-amz-trailer'])) ?? [];
  return trailer === undefined ? [] : [trailer];
}

function isAwsChunked(headers: IncomingHttpHeaders): boolean {
  return (
    headers['content-encoding']?.includes('aws-chunked') === true ||
    headers['x-amz-content-sha256']?.toString().startsWith('STREAMING-') === true
  );
}

const invalid = (message: string) => new ApiError('InvalidRequest', message);
