import { expect, test } from 'vitest';

import { targetOf } from './target.ts';

test('without a word the suite starts its own local-cloud, whatever the SDK is pointed at', () => {
  const target = targetOf({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
  expect(target).toMatchObject({ own: true, imageId: 'ami-stays' });
  expect([...target.has]).toEqual(['exact', 'instances', 'processes', 'local']);
});

test('pointed elsewhere it leaves out what that is not said to have', () => {
  expect([...targetOf({ CONFORMANCE_TARGET: 'aws' }).has]).toEqual([]);
  const target = targetOf({
    CONFORMANCE_TARGET: 'aws',
    CONFORMANCE_IMAGE_ID: 'ami-1',
    CONFORMANCE_HAS: 'exact,nonsense',
  });
  expect(target).toMatchObject({ own: false, imageId: 'ami-1' });
  expect([...target.has]).toEqual(['exact', 'instances']);
});
