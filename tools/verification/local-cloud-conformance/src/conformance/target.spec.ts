import { expect, test } from 'vitest';

import { targetOf } from './target.ts';

test('starts its own local-cloud by default, even when variables of the SDK name a target', () => {
  const target = targetOf({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
  expect(target).toMatchObject({ own: true, imageId: 'ami-stays' });
  expect([...target.has]).toEqual(['exact', 'instances', 'processes', 'local']);
});

test('skips cases for which the target lacks a declared need', () => {
  expect([...targetOf({ CONFORMANCE_TARGET: 'aws' }).has]).toEqual([]);
  const target = targetOf({
    CONFORMANCE_TARGET: 'aws',
    CONFORMANCE_IMAGE_ID: 'ami-1',
    CONFORMANCE_HAS: 'exact,nonsense',
  });
  expect(target).toMatchObject({ own: false, imageId: 'ami-1' });
  expect([...target.has]).toEqual(['exact', 'instances']);
});
