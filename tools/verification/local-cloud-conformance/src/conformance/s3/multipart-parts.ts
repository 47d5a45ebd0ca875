import { ListMultipartUploadsCommand, UploadPartCopyCommand } from '@aws-sdk/client-s3';
import { expect } from 'vitest';

import { expectError, expectStatus } from '@labelfleet/testkit/expect-error';
import { PART_BYTES } from '@labelfleet/testkit/test-bucket';
import { withBucket } from '../case.ts';
import { s3Api } from '../sources.ts';

export const multipartParts = withBucket(
  {
    id: 's3-multipart-list-parts',
    sentence: 'lists its parts, in pages',
    source: s3Api('API_ListParts'),
    run: async ({ bucket }) => {
      const upload = await bucket.upload('k');
      expect(await upload.numbers()).toEqual([]);
      for (const number of [11, 2, 5]) await upload.put(number, `part ${number}`);
      const first = await upload.list({ MaxParts: 2 });
      expect(first).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '5', MaxParts: 2 });
      expect(first.Parts).toMatchObject([
        { PartNumber: 2, Size: 6 },
        { PartNumber: 5, Size: 6 },
      ]);
      const rest = await upload.list({ PartNumberMarker: first.NextPartNumberMarker });
      expect(rest).toMatchObject({ IsTruncated: false, Parts: [{ PartNumber: 11 }] });
    },
  },
  {
    id: 's3-multipart-list',
    sentence: 'is listed with others, by key and beginning, in pages and folders',
    source: s3Api('API_ListMultipartUploads'),
    run: async ({ s3, bucket }) => {
      const begun: string[] = [];
      for (const key of ['b/2', 'a', 'b/1', 'a'])
        begun.push((await bucket.upload(key)).of.UploadId);
      const list = (more: object) =>
        s3.send(new ListMultipartUploadsCommand({ Bucket: bucket.name, ...more }));
      const listed: (string | undefined)[] = [];
      let markers: object | undefined = {};
      while (markers !== undefined) {
        const page = await list({ MaxUploads: 1, ...markers });
        listed.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId));
        const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
        markers = page.IsTruncated === true ? { KeyMarker, UploadIdMarker } : undefined;
      }
      expect(listed).toEqual([begun[1], begun[3], begun[2], begun[0]]);
      const folders = await list({ Delimiter: '/' });
      expect(folders.Uploads).toMatchObject([{ Key: 'a' }, { Key: 'a' }]);
      expect(folders.CommonPrefixes).toEqual([{ Prefix: 'b/' }]);
      const folder = await list({ Prefix: 'b/' });
      expect(folder.Uploads).toMatchObject([{ Key: 'b/1' }, { Key: 'b/2' }]);
    },
  },
  {
    id: 's3-multipart-copy-part',
    sentence: 'takes a part, or a range of it, from another object',
    source: s3Api('API_UploadPartCopy'),
    run: async ({ s3, bucket }) => {
      await bucket.put('source ü', { Body: '0123456789' });
      const CopySource = `${bucket.name}/${encodeURIComponent('source ü')}`;
      const upload = await bucket.upload('k');
      const copy = (PartNumber: number, more: object) =>
        s3.send(new UploadPartCopyCommand({ ...upload.of, PartNumber, CopySource, ...more }));
      const { CopyPartResult } = await copy(1, { CopySourceRange: 'bytes=2-4' });
      await expectError(copy(2, { CopySourceRange: 'bytes=2-10' }), 'InvalidArgument');
      await expectStatus(copy(2, { CopySourceIfMatch: '"other"' }), 412);
      await upload.complete([{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
      expect(await bucket.text('k')).toBe('234');
    },
  },
  {
    id: 's3-multipart-get-part',
    sentence: 'leaves an object that is read part by part',
    source: s3Api('API_GetObject'),
    run: async ({ bucket }) => {
      const upload = await bucket.upload('k');
      const first = await upload.put(1, Buffer.alloc(PART_BYTES, '1'));
      await upload.complete([first, await upload.put(2, 'end')]);
      const part = await bucket.get('k', { PartNumber: 2 });
      expect(part).toMatchObject({
        PartsCount: 2,
        ContentLength: 3,
        ContentRange: `bytes ${PART_BYTES}-${PART_BYTES + 2}/${PART_BYTES + 3}`,
        $metadata: { httpStatusCode: 206 },
      });
      expect(await part.Body?.transformToString()).toBe('end');
      await expectStatus(bucket.get('k', { PartNumber: 3 }), 416);
      await bucket.put('whole');
      expect(await bucket.text('whole', { PartNumber: 1 })).toBe('body');
    },
  },
);
