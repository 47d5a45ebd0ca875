import type { CreateMultipartUploadCommandInput } from '@aws-sdk/client-s3';
import { expect } from 'vitest';

import { expectError } from '@labelfleet/testkit/expect-error';
import { withBucket, type BucketCase } from '../case.ts';
import { s3Guide } from '../sources.ts';

const source = s3Guide('checking-object-integrity-upload');

/** Checksums of 123456789 in one part. A composite checksum is that of the part's checksum, as recorded from S3. */
const CHECKSUMS: readonly [
  name: string,
  asked: Partial<CreateMultipartUploadCommandInput>,
  checksum: object,
  ChecksumType: string,
][] = [
  ['default', {}, { ChecksumCRC64NVME: 'rosUhgp5mIg=' }, 'FULL_OBJECT'],
  [
    'crc64nvme',
    { ChecksumAlgorithm: 'CRC64NVME' },
    { ChecksumCRC64NVME: 'rosUhgp5mIg=' },
    'FULL_OBJECT',
  ],
  [
    'full-crc32',
    { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' },
    { ChecksumCRC32: 'y/Q5Jg==' },
    'FULL_OBJECT',
  ],
  ['composite-crc32', { ChecksumAlgorithm: 'CRC32' }, { ChecksumCRC32: '7kxlUA==-1' }, 'COMPOSITE'],
  [
    'composite-sha256',
    { ChecksumAlgorithm: 'SHA256' },
    { ChecksumSHA256: 'KSsNAHVmgy25S/rmic1w0at3KBH9RLn0nYVQ7p6mpJQ=-1' },
    'COMPOSITE',
  ],
];

export const multipartChecksums = withBucket(
  ...CHECKSUMS.map(([name, asked, checksum, ChecksumType]): BucketCase => ({
    id: `s3-multipart-checksum-${name}`,
    sentence: `keeps the checksum of an object by ${name}`,
    source,
    run: async ({ bucket }) => {
      const upload = await bucket.upload('k', asked);
      const { ChecksumAlgorithm } = asked;
      const completed = await upload.complete([
        await upload.put(1, '123456789', { ChecksumAlgorithm }),
      ]);
      const head = await bucket.head('k', { ChecksumMode: 'ENABLED' });
      for (const answer of [completed, head]) {
        expect(answer).toMatchObject({ ...checksum, ChecksumType });
      }
      expect(await bucket.text('k', { ChecksumMode: 'ENABLED' })).toBe('123456789');
    },
  })),
  {
    id: 's3-multipart-checksum-wrong',
    sentence: 'is refused where a checksum is not that of its part or of all',
    source,
    run: async ({ bucket }) => {
      const ChecksumCRC32 = 'AAAAAA==';
      const upload = await bucket.upload('k', {
        ChecksumAlgorithm: 'CRC32',
        ChecksumType: 'FULL_OBJECT',
      });
      await expectError(upload.put(1, 'x', { ChecksumCRC32 }), 'BadDigest');
      await expectError(upload.put(1, 'x', { ChecksumAlgorithm: 'SHA256' }), 'InvalidRequest');
      const part = await upload.put(1, 'x');
      await expectError(upload.complete([part], { ChecksumCRC32 }), 'BadDigest');
      await expectError(upload.complete([{ ...part, ChecksumCRC32 }]), 'InvalidPart');
      await upload.complete([part], { ChecksumCRC32: part.ChecksumCRC32 });
    },
  },
);
