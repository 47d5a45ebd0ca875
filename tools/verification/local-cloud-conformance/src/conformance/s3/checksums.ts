import { expect } from 'vitest';

import { expectError } from '@labelfleet/testkit/expect-error';
import { withBucket, type BucketCase, type Table } from '../case.ts';
import { s3Guide } from '../sources.ts';

/** Checksums of 123456789, the input of the check values in the CRC catalogue. */
const CHECKSUMS = [
  ['CRC32', 'y/Q5Jg=='],
  ['CRC32C', '4waSgw=='],
  ['CRC64NVME', 'rosUhgp5mIg='],
  ['SHA1', '98O8HYCOBHMq32eZZczDTKeuNEE='],
  ['SHA256', 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU='],
] as const;
const source = s3Guide('checking-object-integrity-upload');

export const checksumsTable: Table = {
  title: 'a body',
  cases: withBucket(
    {
      id: 's3-damaged',
      sentence: 'that is not what its checksum says is refused, and nothing is written',
      source,
      run: async ({ bucket }) => {
        for (const wrong of [
          { ChecksumCRC32: 'AAAAAA==' },
          { ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' },
        ]) {
          await expectError(bucket.put('k', wrong), 'BadDigest');
        }
        await expectError(bucket.get('k'), 'NoSuchKey');
      },
    },
    ...CHECKSUMS.map(([algorithm, checksum]): BucketCase => ({
      id: `s3-checksum-${algorithm.toLowerCase()}`,
      sentence: `comes with its ${algorithm}, and is given back with it`,
      source,
      run: async ({ bucket }) => {
        const field = `Checksum${algorithm}` as const;
        const Body = '123456789';
        const put = await bucket.put('k', { Body, [field]: checksum });
        expect(put[field]).toBe(checksum);
        const got = await bucket.get('k', { ChecksumMode: 'ENABLED' });
        expect(got[field]).toBe(checksum);
        expect(await got.Body?.transformToString()).toBe(Body);
        await expectError(bucket.put('k', { Body: 'other', [field]: checksum }), 'BadDigest');
      },
    })),
  ),
};
