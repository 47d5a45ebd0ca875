import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

import { ApiError, notServed } from '../api-error.ts';
import { Crc32c, Crc64Nvme } from './crc.ts';

interface Digest {
  update(chunk: Buffer): void;
  base64(): string;
}

/** Digests of a body as it passes: MD5 for the ETag, CRC32 always, and those that the client sends. */
export class Checksums {
  readonly #md5 = createHash('md5');
  readonly #digests = new Map<string, Digest>([['crc32', crc32Digest()]]);

  /** @throws ApiError 501 for an algorithm that is not served */
  constructor(algorithms: Iterable<string>) {
    for (const algorithm of algorithms) {
      if (!this.#digests.has(algorithm)) this.#digests.set(algorithm, digestFor(algorithm));
    }
  }

  update(chunk: Buffer): void {
    this.#md5.update(chunk);
    for (const digest of this.#digests.values()) digest.update(chunk);
  }

  finish(): { md5: Buffer; checksums: Record<string, string> } {
    return {
      md5: this.#md5.digest(),
      checksums: Object.fromEntries(
        [...this.#digests].map(([algorithm, digest]) => [algorithm, digest.base64()]),
      ),
    };
  }
}

/** @throws ApiError BadDigest when what was announced is not what came */
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

function digestFor(algorithm: string): Digest {
  if (algorithm === 'sha1' || algorithm === 'sha256') {
    const hash = createHash(algorithm);
    return { update: (chunk) => hash.update(chunk), base64: () => hash.digest('base64') };
  }
  if (algorithm === 'crc32c') return new Crc32c();
  if (algorithm === 'crc64nvme') return new Crc64Nvme();
  throw notServed(`The checksum ${algorithm.toUpperCase()}`);
}

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
