import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';

test('without any variable, the documented defaults hold', () => {
  expect(parseConfig({}, '/home/me/labelfleet')).toEqual({
    gateway: { host: '127.0.0.1', port: 8080 },
    scalerPort: 0,
    localCloudPort: 4566,
    bootMs: 0,
    region: 'us-east-1',
    parentPid: undefined,
    dataDir: '/home/me/labelfleet/.labelfleet',
    modelDir: undefined,
  });
});

test('paths are taken from the folder the stack is started in', () => {
  const env = { LABELFLEET_DATA_DIR: '../data', MODEL_DIR: 'models/mine' };
  expect(parseConfig(env, '/home/me')).toMatchObject({
    dataDir: '/home/data',
    modelDir: '/home/me/models/mine',
  });
});

test('every fault is named at once', () => {
  const env = { PORT: '80800', LOCAL_CLOUD_PORT: 'x', LOCAL_BOOT_SECONDS: '-1' };
  expect(() => parseConfig(env, '/')).toThrow(
    /PORT=80800: .*\n.*LOCAL_CLOUD_PORT=x: .*\n.*LOCAL_BOOT_SECONDS=-1: /,
  );
});
