import {
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';

import type { Case, Table } from '../case.ts';
import { s3Api } from '../sources.ts';
import { createBucket } from './test-bucket.ts';

const KEYS = ['a', 'b/1', 'b/2', 'b/c/3', 'd'];

/** A bucket with those keys, and how to list it. */
async function listing(s3: S3Client) {
  const bucket = await createBucket(s3);
  for (const key of KEYS) await bucket.put(key);
  return async (parameters: Partial<ListObjectsV2CommandInput>) => {
    const answer = await s3.send(new ListObjectsV2Command({ Bucket: bucket.name, ...parameters }));
    return {
      keys: (answer.Contents ?? []).map(({ Key }) => Key),
      prefixes: (answer.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      token: answer.NextContinuationToken,
    };
  };
}

const LISTED: readonly [
  id: string,
  what: string,
  parameters: Partial<ListObjectsV2CommandInput>,
  keys: string[],
  prefixes: string[],
][] = [
  ['all', 'everything', {}, KEYS, []],
  ['prefix', 'a prefix', { Prefix: 'b/' }, ['b/1', 'b/2', 'b/c/3'], []],
  ['delimiter', 'what is not in a folder', { Delimiter: '/' }, ['a', 'd'], ['b/']],
  ['folder', 'a folder', { Prefix: 'b/', Delimiter: '/' }, ['b/1', 'b/2'], ['b/c/']],
  ['after', 'what is behind a key', { StartAfter: 'b/1' }, ['b/2', 'b/c/3', 'd'], []],
];

export const listingTable: Table = {
  title: 'a listing',
  cases: [
    ...LISTED.map(([id, what, parameters, keys, prefixes]): Case => ({
      id: `s3-list-${id}`,
      sentence: `of ${what}`,
      source: s3Api('API_ListObjectsV2'),
      run: async ({ s3 }) => {
        const list = await listing(s3);
        expect(await list(parameters)).toEqual({ keys, prefixes, token: undefined });
      },
    })),
    {
      id: 's3-list-pages',
      sentence: 'comes in pages, common prefixes counted once',
      source: s3Api('API_ListObjectsV2'),
      run: async ({ s3 }) => {
        const list = await listing(s3);
        const pages = [];
        let token: string | undefined;
        do {
          const page = await list({ MaxKeys: 1, Delimiter: '/', ContinuationToken: token });
          pages.push([...page.keys, ...page.prefixes]);
          token = page.token;
        } while (token !== undefined);
        expect(pages).toEqual([['a'], ['b/'], ['d']]);
      },
    },
  ],
};
