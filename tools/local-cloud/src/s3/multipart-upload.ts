import * as z from 'zod';

import { ApiError } from '../api-error.ts';
import type { Algorithm } from './checksums.ts';

/** The fields of an upload that CreateMultipartUpload sets. */
export const uploadRecord = z.object({
  id: z.string(),
  bucket: z.string(),
  key: z.string(),
  headers: z.record(z.string(), z.string()),
  initiatedMs: z.number(),
  /** Undefined if the client named none. */
  algorithm: z.enum(['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256']).optional(),
  checksumType: z.enum(['FULL_OBJECT', 'COMPOSITE']),
});

export type UploadRecord = z.output<typeof uploadRecord>;

export const partInfo = z.object({
  number: z.int(),
  size: z.int(),
  /** Base64 by name: MD5 and a checksum. */
  digests: z.record(z.string(), z.string()),
  lastModifiedMs: z.number(),
});

export type PartInfo = z.output<typeof partInfo>;

/** A part that a client names to complete an upload: its number, its ETag and optionally a checksum. */
export interface NamedPart {
  number: number;
  etag: string;
  checksums: Readonly<Partial<Record<Algorithm, string>>>;
}

const SMALLEST_PART_BYTES = 5 * 1_048_576;

/**
 * Picks the parts that a client names to complete its upload.
 * docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 * @throws ApiError for parts that are missing, different from the named ones, out of order or too small
 */
export function pickParts(
  upload: UploadRecord,
  there: ReadonlyMap<number, PartInfo>,
  named: readonly NamedPart[],
): PartInfo[] {
  if (named.length === 0) throw invalid('You must specify at least one part');
  if (named.some(({ number }, index) => number <= (named[index - 1]?.number ?? 0))) {
    throw new ApiError(
      'InvalidPartOrder',
      'The list of parts was not in ascending order. Parts must be ordered by part number.',
      400,
      { UploadId: upload.id },
    );
  }
  const parts = named.map((each) => pickPart(upload, there.get(each.number), each));
  const small = parts.slice(0, -1).find(({ size }) => size < SMALLEST_PART_BYTES);
  if (small === undefined) return parts;
  throw new ApiError(
    'EntityTooSmall',
    'Your proposed upload is smaller than the minimum allowed size',
    400,
    {
      ProposedSize: String(small.size),
      MinSizeAllowed: String(SMALLEST_PART_BYTES),
      PartNumber: String(small.number),
      ETag: hexOf(small),
    },
  );
}

function pickPart(upload: UploadRecord, part: PartInfo | undefined, named: NamedPart): PartInfo {
  const { algorithm, checksumType } = upload;
  const checksums = Object.entries(named.checksums);
  if (algorithm !== undefined && checksumType === 'COMPOSITE' && checksums.length === 0) {
    throw invalid(
      `The upload was created using a ${algorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${named.number} in the request.`,
    );
  }
  const other = checksums.find(([name]) => algorithm !== undefined && name !== algorithm);
  if (other !== undefined) {
    throw new ApiError(
      'BadDigest',
      `The ${other[0]} you specified for part ${named.number} did not match what we received.`,
    );
  }
  const etag = named.etag.replaceAll('"', '');
  const asNamed =
    part !== undefined &&
    hexOf(part) === etag &&
    checksums.every(([name, value]) => part.digests[name] === value);
  if (asNamed) return part;
  throw new ApiError(
    'InvalidPart',
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    400,
    { UploadId: upload.id, PartNumber: String(named.number), ETag: etag },
  );
}

const hexOf = ({ digests }: PartInfo) =>
  Buffer.from(digests['md5'] ?? '', 'base64').toString('hex');

const invalid = (message: string) => new ApiError('InvalidRequest', message);
