import { Crc32c } from '@aws-sdk/checksums/crc';
import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';

import { ApiError } from '../api-error.ts';
import { Crc64Nvme } from './crc64-nvme.ts';

/** The checksum that S3 computes for an object or a part if the client sends none. */
export const DEFAULT_ALGORITHM = 'crc64nvme';

/** In the order of S3's error text. */
const ALGORITHMS = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** A checksum of all bytes of an object, or of the checksums of its parts. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

/** @throws ApiError for an algorithm that S3 does not have */
export function parseAlgorithm(name: string): Algorithm {
  const algorithm = ALGORITHMS.find((each) => each === name.toLowerCase());
  if (algorithm !== undefined) return algorithm;
  throw new ApiError(
    'InvalidRequest',
    `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${ALGORITHMS.join(', ').toUpperCase()}]`,
  );
}

interface Digest {
  update(chunk: Buffer): void;
  base64(): string | Promise<string>;
}

/** Computes several digests of a body chunk by chunk. */
export class Digests {
  readonly #digests: ReadonlyMap<string, Digest>;

  constructor(names: Iterable<Algorithm | 'md5'>) {
    this.#digests = new Map(Array.from(names, (name) => [name, digestFor(name)]));
  }

  update(chunk: Buffer): void {
    for (const digest of this.#digests.values()) digest.update(chunk);
  }

  /** Returns the digests in base64 by name. */
  async finish(): Promise<Record<string, string>> {
    const values: Record<string, string> = {};
    for (const [name, digest] of this.#digests) values[name] = await digest.base64();
    return values;
  }
}

const MULTIPART_SUFFIX = /-\d+$/;

/**
 * Computes the COMPOSITE checksum of a multipart object: the checksum of its parts' checksums, and their number.
 * docs.aws.amazon.com/AmazonS3/latest/userguide/tutorial-s3-mpu-additional-checksums.html
 * @param parts the parts' checksums in base64
 */
export async function compositeChecksum(
  algorithm: Algorithm | 'md5',
  parts: readonly string[],
): Promise<string> {
  const digests = new Digests([algorithm]);
  for (const part of parts) digests.update(Buffer.from(part, 'base64'));
  return `${(await digests.finish())[algorithm]}-${parts.length}`;
}

/** Computes the ETag of a multipart object: the MD5 of its parts' MD5s in hexadecimal, and their number. */
export async function multipartEtag(md5s: readonly string[]): Promise<string> {
  const composite = await compositeChecksum('md5', md5s);
  const suffix = MULTIPART_SUFFIX.exec(composite)?.[0] ?? '';
  return etagOf(composite.replace(MULTIPART_SUFFIX, ''), suffix);
}

/** @param md5 in base64 */
export const etagOf = (md5: string, suffix = '') =>
  `"${Buffer.from(md5, 'base64').toString('hex')}${suffix}"`;

/** @throws ApiError BadDigest if an announced checksum differs from the computed one */
export function verifyChecksums(
  announced: Readonly<Record<string, string>>,
  computed: Readonly<Record<string, string>>,
): void {
  for (const [algorithm, value] of Object.entries(announced)) {
    if (computed[algorithm] !== value) {
      throw new ApiError(
        'BadDigest',
        `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
      );
    }
  }
}

function digestFor(name: Algorithm | 'md5'): Digest {
  switch (name) {
    case 'md5':
    case 'sha1':
    case 'sha256':
      return hashDigest(createHash(name));
    case 'crc32':
      return crc32Digest();
    case 'crc32c':
      return crc32cDigest(new Crc32c());
    case 'crc64nvme':
      return new Crc64Nvme();
  }
}

const hashDigest = (hash: Hash): Digest => ({
  update: (chunk) => hash.update(chunk),
  base64: () => hash.digest('base64'),
});

const crc32cDigest = (crc: Crc32c): Digest => ({
  update: (chunk) => crc.update(chunk),
  base64: async () => Buffer.from(await crc.digest()).toString('base64'),
});

function crc32Digest(): Digest {
  let value = 0;
  return {
    update: (chunk) => {
      value = crc32(chunk, value);
    },
    base64: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes.toString('base64');
    },
  };
}
