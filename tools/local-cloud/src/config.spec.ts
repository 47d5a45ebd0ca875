import { expect, test } from 'vitest';

import { parseConfig } from './config.ts';

test('parses an empty environment, because every variable has a default', () => {
  expect(parseConfig({})).toMatchObject({ port: 4566, bootMs: 0, graceMs: 90_000, images: {} });
});

test('converts durations from seconds to milliseconds', () => {
  const env = { LOCAL_BOOT_SECONDS: '0.5', LOCAL_CLOUD_GRACE_SECONDS: '2' };
  expect(parseConfig(env)).toMatchObject({ bootMs: 500, graceMs: 2000 });
});

test('parses the commands of images from JSON', () => {
  const images = { 'ami-worker': { command: ['node', 'main.js'] } };
  expect(parseConfig({ LOCAL_CLOUD_IMAGES: JSON.stringify(images) }).images).toEqual(images);
});

test.each(['{', '[]', '{"a":{"command":[]}}', '{"a":"node"}'])(
  'images that are %s are refused with an example',
  (LOCAL_CLOUD_IMAGES) => {
    expect(() => parseConfig({ LOCAL_CLOUD_IMAGES })).toThrow(
      /LOCAL_CLOUD_IMAGES=.*: must be JSON such as/,
    );
  },
);
