import { expect } from 'vitest';

import { withBucket, type Table } from '../case.ts';
import { s3Api } from '../sources.ts';

const address = (endpoint: string, path: string, signedAt: string, seconds: number) =>
  `${endpoint}/${path}?X-Amz-Algorithm=AWS4-HMAC-SHA256` +
  `&X-Amz-Credential=local%2F20260101%2Fus-east-1%2Fs3%2Faws4_request` +
  `&X-Amz-Date=${signedAt}&X-Amz-Expires=${seconds}&X-Amz-SignedHeaders=host&X-Amz-Signature=0`;
const now = () => new Date().toISOString().replace(/[-:]|\.\d+/g, '');

export const presignedTable: Table = {
  title: 'a presigned address',
  cases: withBucket(
    {
      id: 's3-presigned',
      sentence: 'reads an object without a header, until it has run out',
      source: s3Api('sigv4-query-string-auth'),
      needs: ['local'],
      run: async ({ bucket, endpoint }) => {
        await bucket.put('k');
        const path = `${bucket.name}/k`;
        expect(await (await fetch(address(endpoint, path, now(), 60))).text()).toBe('body');
        const late = await fetch(address(endpoint, path, '20200101T000000Z', 60));
        expect(late.status).toBe(403);
        expect(await late.text()).toContain('<Code>AccessDenied</Code>');
      },
    },
    {
      id: 's3-presigned-expiry',
      sentence: 'must say when it runs out',
      source: s3Api('sigv4-query-string-auth'),
      needs: ['local'],
      run: async ({ endpoint }) => {
        for (const [signedAt, seconds] of [
          ['yesterday', 60],
          [now(), 604_801],
        ] as const) {
          const answer = await fetch(address(endpoint, 'bucket/k', signedAt, seconds));
          expect(answer.status).toBe(400);
        }
      },
    },
  ),
};
