import * as z from 'zod';

import { ApiError } from '../../api-error.ts';
import { readBody } from '../../request-body.ts';
import {
  compositeChecksum,
  DEFAULT_ALGORITHM,
  multipartEtag,
  type Algorithm,
} from '../checksums.ts';
import { checkWrite, checkWriteConditions } from '../conditions.ts';
import {
  pickParts,
  type NamedPart,
  type PartInfo,
  type UploadRecord,
} from '../multipart-upload.ts';
import type { ObjectInfo } from '../object-file.ts';
import { parseS3Xml } from '../s3-xml.ts';
import { discardBody } from '../stored-body.ts';
import { sendXml, type Call } from './call.ts';
import { checksumElements } from './checksum-elements.ts';
import { announcedChecksums } from './incoming-body.ts';
import { uploadOf } from './multipart.ts';
import { checksumTypeOf } from './put-object.ts';

/** The size of ten thousand parts with an ETag and a checksum, and the XML around them. */
const MAX_BODY_BYTES = 8 * 1_048_576;

const checksum = z.string().optional();
const completion = z.object({
  CompleteMultipartUpload: z
    .object({
      Part: z
        .array(
          z.object({
            PartNumber: z.coerce.number().int(),
            ETag: z.string(),
            ChecksumCRC32: checksum,
            ChecksumCRC32C: checksum,
            ChecksumCRC64NVME: checksum,
            ChecksumSHA1: checksum,
            ChecksumSHA256: checksum,
          }),
        )
        .default([]),
    })
    .or(z.string().transform(() => ({ Part: [] }))), // an element without children
});

/**
 * Combines the parts into one object. A rename of its file replaces the upload by the object at once. The object
 * contains the upload's id, so a repeated call gets the same answer as the first.
 */
export async function completeMultipartUpload(call: Call): Promise<void> {
  const { request, response, buckets, bucket, key, query } = call;
  checkWriteConditions(request.headers);
  const body = await readBody(request, MAX_BODY_BYTES);
  const named = body.length === 0 ? [] : readParts(body);
  const stored = () => {
    const info = buckets.get(bucket).head(key);
    return info?.multipart?.uploadId === query.get('uploadId') ? info : undefined;
  };
  let info = stored();
  while (info === undefined) {
    const upload = uploadOf(call);
    if (upload.completing === undefined) {
      const completing = complete(call, named);
      upload.completing = completing;
      info = await completing.finally(() => (upload.completing = undefined));
    } else {
      await upload.completing.catch(() => {}); // that call reports its own error
      info = stored();
    }
  }
  sendXml(response, 'CompleteMultipartUploadResult', {
    Location: `http://${request.headers.host}/${bucket}/${encodeURIComponent(key).replaceAll('%2F', '/')}`,
    Bucket: bucket,
    Key: key,
    ETag: info.etag,
    ...checksumElements(info.checksums),
    ChecksumType: checksumTypeOf(info),
  });
}

async function complete(call: Call, named: readonly NamedPart[]): Promise<ObjectInfo> {
  const { request, buckets, bucket, key } = call;
  const { headers } = request;
  const upload = uploadOf(call);
  const { record } = upload;
  checkType(headers['x-amz-checksum-type']?.toString(), record);
  const parts = pickParts(record, upload.parts, named);
  checkSize(headers['x-amz-mp-object-size']?.toString(), parts);
  const check = (present: ObjectInfo | undefined) => {
    checkWrite(headers, key, present);
    const changed =
      headers['if-none-match'] === undefined
        ? headers['if-match'] !== undefined &&
          present !== undefined &&
          present.lastModifiedMs > record.initiatedMs
        : upload.objectDeleted;
    if (changed) throw conflict(headers['if-match'] === undefined ? 'If-None-Match' : 'If-Match');
  };
  check(buckets.get(bucket).head(key));
  const algorithm = record.algorithm ?? DEFAULT_ALGORITHM;
  const composite = record.checksumType === 'COMPOSITE';
  const body = await buckets.store(
    buckets.uploads.read(upload, parts),
    composite ? [] : [algorithm],
  );
  try {
    const value = composite
      ? await compositeChecksum(algorithm, parts.map(digestOf(algorithm)))
      : (body.digests[algorithm] ?? '');
    verifyWhole(announcedChecksums(headers), algorithm, value);
    const object = {
      key,
      headers: record.headers,
      etag: await multipartEtag(parts.map(digestOf('md5'))),
      checksums: { [algorithm]: value },
      multipart: {
        uploadId: record.id,
        checksumType: record.checksumType,
        partSizes: parts.map(({ size }) => size),
      },
    };
    const info = await buckets.get(bucket).commit(body, object, check);
    await buckets.uploads.remove(upload);
    return info;
  } catch (error) {
    await discardBody(body);
    throw error;
  }
}

const digestOf =
  (name: Algorithm | 'md5') =>
  ({ digests }: PartInfo) =>
    digests[name] ?? '';

function readParts(body: Buffer): NamedPart[] {
  const { Part } = parseS3Xml(body, ['Part'], completion).CompleteMultipartUpload;
  return Part.map(({ PartNumber: number, ETag: etag, ...checksums }) => ({
    number,
    etag,
    checksums: Object.fromEntries(
      Object.entries(checksums)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name.slice('Checksum'.length).toLowerCase(), value]),
    ),
  }));
}

function checkType(given: string | undefined, { algorithm, checksumType }: UploadRecord): void {
  const mode = algorithm === undefined ? 'null' : checksumType;
  if (given === undefined || given === mode) return;
  throw new ApiError(
    'InvalidRequest',
    `The upload was created using the ${mode} checksum mode. The complete request must use the same checksum mode.`,
  );
}

function checkSize(given: string | undefined, parts: readonly PartInfo[]): void {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (given === undefined || given === String(size)) return;
  throw new ApiError(
    'InvalidRequest',
    `The provided 'x-amz-mp-object-size' header value ${given} does not match what was computed: ${size}`,
  );
}

/**
 * Compares the checksums that the call sends for the whole object with the computed one. A COMPOSITE checksum may come
 * without its number of parts.
 */
function verifyWhole(
  announced: Readonly<Record<string, string>>,
  algorithm: Algorithm,
  value: string,
): void {
  for (const [name, given] of Object.entries(announced)) {
    if (name === algorithm && (given === value || given === value.replace(/-\d+$/, ''))) continue;
    throw new ApiError(
      'BadDigest',
      `The ${algorithm} you specified did not match the calculated checksum.`,
    );
  }
}

function conflict(condition: string): ApiError {
  return new ApiError(
    'ConditionalRequestConflict',
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
    409,
    { Condition: condition },
  );
}
