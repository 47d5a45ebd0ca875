import { expect } from 'vitest';

import type { Table } from '../case.ts';
import { s3Api, s3Guide } from '../sources.ts';
import { createBucket, status } from './test-bucket.ts';

export const conditionsTable: Table = {
  title: 'a condition',
  cases: [
    {
      id: 's3-put-once',
      sentence: 'If-None-Match: * writes once',
      source: s3Guide('conditional-writes'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const Key = 'once';
        await bucket.put(Key, { Body: 'first', IfNoneMatch: '*' });
        await expect(bucket.put(Key, { Body: 'second', IfNoneMatch: '*' })).rejects.toMatchObject({
          name: 'PreconditionFailed',
          ...status(412),
        });
        expect(await bucket.text(Key)).toBe('first');
      },
    },
    {
      id: 's3-put-race',
      sentence: 'If-None-Match: * lets one of many writers at once win',
      source: s3Guide('conditional-writes'),
      needs: ['exact'],
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const Key = 'race';
        const outcomes = await Promise.allSettled(
          Array.from({ length: 20 }, (_, index) =>
            bucket.put(Key, { Body: `${index}`, IfNoneMatch: '*' }),
          ),
        );
        const winner = outcomes.findIndex((outcome) => outcome.status === 'fulfilled');
        expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
        expect(await bucket.text(Key)).toBe(String(winner));
      },
    },
    {
      id: 's3-put-match',
      sentence: 'If-Match replaces that object only',
      source: s3Guide('conditional-writes'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const Key = 'swap';
        const { ETag } = await bucket.put(Key, { Body: 'one' });
        await bucket.put(Key, { Body: 'two', IfMatch: ETag });
        await expect(bucket.put(Key, { Body: 'three', IfMatch: ETag })).rejects.toMatchObject({
          name: 'PreconditionFailed',
        });
        await expect(bucket.put('none', { IfMatch: ETag })).rejects.toMatchObject({
          name: 'NoSuchKey',
        });
        expect(await bucket.text(Key)).toBe('two');
      },
    },
    {
      id: 's3-get-conditions',
      sentence: 'on a get is 304 for whom has it, 412 for whom wants another',
      source: s3Api('API_GetObject'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const Key = 'cached';
        const { ETag } = await bucket.put(Key);
        await expect(bucket.get(Key, { IfNoneMatch: ETag })).rejects.toMatchObject(status(304));
        expect(await bucket.text(Key, { IfNoneMatch: '"other"' })).toBe('body');
        expect(await bucket.text(Key, { IfMatch: ETag })).toBe('body');
        await expect(bucket.get(Key, { IfMatch: '"other"' })).rejects.toMatchObject(status(412));
      },
    },
  ],
};
