import { expect } from 'vitest';

import type { Case, Table } from '../case.ts';
import { s3Guide } from '../sources.ts';
import { createBucket } from './test-bucket.ts';

/** Checksums of 123456789, the input of the check values in the CRC catalogue. */
const CHECKSUMS = {
  CRC32: 'y/Q5Jg==',
  CRC32C: '4waSgw==',
  CRC64NVME: 'rosUhgp5mIg=',
  SHA1: '98O8HYCOBHMq32eZZczDTKeuNEE=',
  SHA256: 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=',
};

export const checksumsTable: Table = {
  title: 'a body',
  cases: [
    {
      id: 's3-damaged',
      sentence: 'that is not what its checksum says is refused, and nothing is written',
      source: s3Guide('checking-object-integrity-upload'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const Key = 'damaged';
        await expect(bucket.put(Key, { ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({
          name: 'BadDigest',
        });
        await expect(
          bucket.put(Key, { ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' }),
        ).rejects.toMatchObject({
          name: 'BadDigest',
        });
        await expect(bucket.get(Key)).rejects.toMatchObject({ name: 'NoSuchKey' });
      },
    },
    ...(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const).map((algorithm): Case => ({
      id: `s3-checksum-${algorithm.toLowerCase()}`,
      sentence: `comes with its ${algorithm}, and is given back with it`,
      source: s3Guide('checking-object-integrity-upload'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const Body = '123456789';
        const put = await bucket.put('k', { Body, [`Checksum${algorithm}`]: CHECKSUMS[algorithm] });
        expect(put[`Checksum${algorithm}`]).toBe(CHECKSUMS[algorithm]);
        const got = await bucket.get('k', { ChecksumMode: 'ENABLED' });
        expect(got[`Checksum${algorithm}`]).toBe(CHECKSUMS[algorithm]);
        expect(await got.Body?.transformToString()).toBe(Body);
        const wrong = { Body: 'other', [`Checksum${algorithm}`]: CHECKSUMS[algorithm] };
        await expect(bucket.put('k', wrong)).rejects.toMatchObject({ name: 'BadDigest' });
      },
    })),
  ],
};
