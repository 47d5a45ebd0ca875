import {
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsCommandInput,
  type ListObjectsV2CommandInput,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';

import { expectError } from '@labelfleet/testkit/expect-error';
import { createBucket } from '@labelfleet/testkit/test-bucket';
import { startingWith, type Table } from '../case.ts';
import { s3Api } from '../sources.ts';

/** Cases that each start with a bucket and the functions that list it, with both versions of the call. */
const withListing = startingWith(async ({ s3 }) => {
  const bucket = await createBucket(s3);
  const named = { Bucket: bucket.name };
  return {
    putAll: async (keys: readonly string[]) => {
      for (const key of keys) await bucket.put(key);
    },
    bucket,
    list: (more: Partial<ListObjectsV2CommandInput>) =>
      s3.send(new ListObjectsV2Command({ ...named, ...more })),
    listV1: (more: Partial<ListObjectsCommandInput>) =>
      s3.send(new ListObjectsCommand({ ...named, ...more })),
  };
});
type ListingCase = Parameters<typeof withListing>[number];

interface Page {
  readonly Contents?: readonly { Key?: string | undefined }[] | undefined;
  readonly CommonPrefixes?: readonly { Prefix?: string | undefined }[] | undefined;
}
const keysOf = ({ Contents = [] }: Page) => Contents.map(({ Key }) => Key);
const prefixesOf = ({ CommonPrefixes = [] }: Page) => CommonPrefixes.map(({ Prefix }) => Prefix);

/** The entries of each page until one names no next. */
async function pagesOf<P extends Page>(
  list: (marker: string | undefined) => Promise<P>,
  next: (page: P) => string | undefined,
): Promise<(string | undefined)[][]> {
  const pages = [];
  let marker: string | undefined;
  do {
    const page = await list(marker);
    pages.push([...keysOf(page), ...prefixesOf(page)]);
    marker = next(page);
  } while (marker !== undefined);
  return pages;
}

const KEYS = ['a', 'b/1', 'b/2', 'b/c/3', 'd'];

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
  cases: withListing(
    ...LISTED.map(([id, what, parameters, keys, prefixes]): ListingCase => ({
      id: `s3-list-${id}`,
      sentence: `of ${what}`,
      source: s3Api('API_ListObjectsV2'),
      run: async ({ putAll, list }) => {
        await putAll(KEYS);
        const page = await list(parameters);
        expect(keysOf(page)).toEqual(keys);
        expect(prefixesOf(page)).toEqual(prefixes);
        expect(page.NextContinuationToken).toBeUndefined();
      },
    })),
    {
      id: 's3-list-pages',
      sentence: 'comes in pages, common prefixes counted once',
      source: s3Api('API_ListObjectsV2'),
      run: async ({ putAll, list }) => {
        await putAll(KEYS);
        const pages = await pagesOf(
          (token) => list({ MaxKeys: 1, Delimiter: '/', ContinuationToken: token }),
          (page) => page.NextContinuationToken,
        );
        expect(pages).toEqual([['a'], ['b/'], ['d']]);
      },
    },
    {
      id: 's3-list-order',
      sentence: 'is in the order of the bytes of its keys in UTF-8',
      source: s3Api('API_ListObjectsV2'),
      run: async ({ putAll, list }) => {
        const keys = ['A', 'a', 'é', '\u{ff21}', '\u{1f600}', '\u{1f600}/1'];
        await putAll(keys.toReversed());
        const pages = await pagesOf(
          (StartAfter) => list({ MaxKeys: 1, StartAfter }),
          (page) => keysOf(page)[0],
        );
        expect(pages.flat()).toEqual(keys);
      },
    },
    {
      id: 's3-list-what',
      sentence: 'says of each object its checksum, and its owner when asked',
      source: s3Api('API_Object'),
      run: async ({ bucket, list }) => {
        await bucket.put('a', { ChecksumAlgorithm: 'SHA256' });
        const plain = (await list({ FetchOwner: false })).Contents?.[0];
        expect(plain).toMatchObject({
          ChecksumAlgorithm: ['SHA256'],
          ChecksumType: 'FULL_OBJECT',
          StorageClass: 'STANDARD',
          Size: 4,
        });
        expect(plain).not.toHaveProperty('Owner');
        const [owned] = (await list({ FetchOwner: true })).Contents ?? [];
        expect(owned?.Owner?.ID).toBeTypeOf('string');
      },
    },
    {
      id: 's3-list-said-again',
      sentence: 'says again what was asked, encoded when that was asked',
      source: s3Api('API_ListObjectsV2'),
      run: async ({ putAll, list }) => {
        await putAll(['a b/ü', 'a b/ü/1']);
        const asked = { Prefix: 'a b/', Delimiter: '/', StartAfter: 'a b/+' };
        const plain = await list(asked);
        expect(plain).toMatchObject({ ...asked, KeyCount: 2, MaxKeys: 1000, IsTruncated: false });
        expect(keysOf(plain)).toEqual(['a b/ü']);
        const encoded = await list({ ...asked, EncodingType: 'url' });
        expect(encoded).toMatchObject({
          EncodingType: 'url',
          Prefix: 'a+b/',
          StartAfter: 'a+b/%2B',
          CommonPrefixes: [{ Prefix: 'a+b/%C3%BC/' }],
        });
        expect(keysOf(encoded)).toEqual(['a+b/%C3%BC']);
        await expectError(list({ EncodingType: 'other' as 'url' }), 'InvalidArgument');
      },
    },
    {
      id: 's3-list-v1',
      sentence: 'of the first version goes on from a marker, and has owners',
      source: s3Api('API_ListObjects'),
      run: async ({ putAll, listV1 }) => {
        await putAll(KEYS);
        const all = await listV1({});
        expect(all).toMatchObject({ IsTruncated: false, Marker: '', MaxKeys: 1000 });
        expect(keysOf(all)).toEqual(KEYS);
        expect(all.Contents?.every(({ Owner }) => Owner?.ID !== undefined)).toBe(true);
        const first = await listV1({ MaxKeys: 2 });
        expect(first.IsTruncated).toBe(true);
        expect(first.NextMarker).toBeUndefined(); // it has one with a delimiter only
        const rest = await listV1({ Marker: keysOf(first).at(-1) });
        expect(keysOf(rest)).toEqual(KEYS.slice(2));
      },
    },
    {
      id: 's3-list-v1-folders',
      sentence: 'of the first version names the marker of its next page where it has a delimiter',
      source: s3Api('API_ListObjects'),
      run: async ({ putAll, listV1 }) => {
        await putAll(KEYS);
        const pages = await pagesOf(
          (Marker) => listV1({ Delimiter: '/', MaxKeys: 1, Marker }),
          (page) => page.NextMarker,
        );
        expect(pages).toEqual([['a'], ['b/'], ['d']]);
      },
    },
  ),
};
