import { expect } from 'vitest';

import { expectError, expectStatus } from '@labelfleet/testkit/expect-error';
import { withBucket } from '../case.ts';
import { s3Guide } from '../sources.ts';

export const multipartConditions = withBucket(
  {
    id: 's3-multipart-once',
    sentence: 'is completed by If-None-Match: * only where no object is',
    source: s3Guide('conditional-writes'),
    run: async ({ bucket }) => {
      const once = { IfNoneMatch: '*' };
      await bucket.put('k');
      const upload = await bucket.upload('k');
      const parts = [await upload.put(1, 'one')];
      await expectError(upload.complete(parts, once), 'PreconditionFailed', 412);
      expect(await bucket.text('k')).toBe('body');
      await bucket.remove('k');
      await expectError(upload.complete(parts, once), 'ConditionalRequestConflict', 409);
      const again = await bucket.upload('k');
      await again.complete([await again.put(1, 'two')], once);
      expect(await bucket.text('k')).toBe('two');
    },
  },
  {
    id: 's3-multipart-match',
    sentence: 'is completed by If-Match only over that object',
    source: s3Guide('conditional-writes'),
    run: async ({ bucket }) => {
      const { ETag } = await bucket.put('k');
      const upload = await bucket.upload('k');
      const parts = [await upload.put(1, 'one')];
      await expectStatus(upload.complete(parts, { IfMatch: '"other"' }), 412);
      await upload.complete(parts, { IfMatch: ETag });
      const next = await bucket.upload('k');
      const nextParts = [await next.put(1, 'two')];
      await expectStatus(next.complete(nextParts, { IfMatch: ETag }), 412);
      expect(await bucket.text('k')).toBe('one');
      await bucket.remove('k');
      await expectError(next.complete(nextParts, { IfMatch: ETag }), 'NoSuchKey');
    },
  },
);
