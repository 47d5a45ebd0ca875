import {
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsCommandInput,
  type ListObjectsV2CommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';

import type { Case, Table } from '../case.ts';
import { s3Api } from '../sources.ts';
import { createBucket } from './test-bucket.ts';

const KEYS = ['a', 'b/1', 'b/2', 'b/c/3', 'd'];

/** A bucket with these keys, and a function that lists it. */
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
    {
      id: 's3-list-order',
      sentence: 'is in the order of the bytes of its keys in UTF-8',
      source: s3Api('API_ListObjectsV2'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const keys = ['A', 'a', 'é', '\u{ff21}', '\u{1f600}', '\u{1f600}/1'];
        for (const key of keys.toReversed()) await bucket.put(key);
        const listed: (string | undefined)[] = [];
        let StartAfter: string | undefined;
        do {
          const page = await s3.send(
            new ListObjectsV2Command({ Bucket: bucket.name, MaxKeys: 1, StartAfter }),
          );
          StartAfter = page.Contents?.[0]?.Key;
          if (StartAfter !== undefined) listed.push(StartAfter);
        } while (StartAfter !== undefined);
        expect(listed).toEqual(keys);
      },
    },
    {
      id: 's3-list-what',
      sentence: 'says of each object its checksum, and its owner when asked',
      source: s3Api('API_Object'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        await bucket.put('a', { ChecksumAlgorithm: 'SHA256' });
        const list = async (FetchOwner: boolean) => {
          const command = new ListObjectsV2Command({ Bucket: bucket.name, FetchOwner });
          return (await s3.send(command)).Contents?.[0];
        };
        expect(await list(false)).toMatchObject({
          ChecksumAlgorithm: ['SHA256'],
          ChecksumType: 'FULL_OBJECT',
          StorageClass: 'STANDARD',
          Size: 4,
        });
        expect(await list(false)).not.toHaveProperty('Owner');
        expect((await list(true))?.Owner?.ID).toBeTypeOf('string');
      },
    },
    {
      id: 's3-list-said-again',
      sentence: 'says again what was asked, encoded when that was asked',
      source: s3Api('API_ListObjectsV2'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        for (const key of ['a b/ü', 'a b/ü/1']) await bucket.put(key);
        const asked = { Prefix: 'a b/', Delimiter: '/', StartAfter: 'a b/+' };
        const command = (more: object) =>
          new ListObjectsV2Command({ Bucket: bucket.name, ...more });
        const plain = await s3.send(command(asked));
        expect(plain).toMatchObject({ ...asked, KeyCount: 2, MaxKeys: 1000, IsTruncated: false });
        expect(plain.Contents?.[0]?.Key).toBe('a b/ü');
        const encoded = await s3.send(command({ ...asked, EncodingType: 'url' }));
        expect(encoded).toMatchObject({
          EncodingType: 'url',
          Prefix: 'a+b/',
          StartAfter: 'a+b/%2B',
          CommonPrefixes: [{ Prefix: 'a+b/%C3%BC/' }],
        });
        expect(encoded.Contents?.[0]?.Key).toBe('a+b/%C3%BC');
        await expect(s3.send(command({ EncodingType: 'other' }))).rejects.toMatchObject({
          name: 'InvalidArgument',
        });
      },
    },
    {
      id: 's3-list-v1',
      sentence: 'of the first version goes on from a marker, and has owners',
      source: s3Api('API_ListObjects'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        for (const key of KEYS) await bucket.put(key);
        const list = (more: Partial<ListObjectsCommandInput>) =>
          s3.send(new ListObjectsCommand({ Bucket: bucket.name, ...more }));
        const all = await list({});
        expect(all).toMatchObject({ IsTruncated: false, Marker: '', MaxKeys: 1000 });
        expect(all.Contents?.map(({ Key }) => Key)).toEqual(KEYS);
        expect(all.Contents?.every(({ Owner }) => Owner?.ID !== undefined)).toBe(true);
        const first = await list({ MaxKeys: 2 });
        expect(first.IsTruncated).toBe(true);
        expect(first.NextMarker).toBeUndefined(); // it has one with a delimiter only
        const rest = await list({ Marker: first.Contents?.at(-1)?.Key });
        expect(rest.Contents?.map(({ Key }) => Key)).toEqual(KEYS.slice(2));
      },
    },
    {
      id: 's3-list-v1-folders',
      sentence: 'of the first version names the marker of its next page where it has a delimiter',
      source: s3Api('API_ListObjects'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        for (const key of KEYS) await bucket.put(key);
        const pages = [];
        let Marker: string | undefined;
        do {
          const page = await s3.send(
            new ListObjectsCommand({ Bucket: bucket.name, Delimiter: '/', MaxKeys: 1, Marker }),
          );
          const prefixes = (page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix);
          pages.push([...(page.Contents ?? []).map(({ Key }) => Key), ...prefixes]);
          Marker = page.NextMarker;
        } while (Marker !== undefined);
        expect(pages).toEqual([['a'], ['b/'], ['d']]);
      },
    },
  ],
};
