import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import { encodeApiKeys } from '@labelfleet/contracts';
import { createLogger } from '@labelfleet/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KeyFile } from './auth/key-file.ts';
import { configurationFile } from './configuration-file.ts';
import { testKey } from './testing/api-keys.ts';
import { openReceivers } from './webhooks/receivers.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
  await cloud.createBucket('state');
});
afterAll(() => cloud[Symbol.asyncDispose]());

const log = createLogger({ app: 'gateway', level: 'silent' });
const { key, headers } = testKey();
const at = (name: string) => configurationFile(`s3://state/${name}`, cloud.s3);
const put = (name: string, text: string) =>
  cloud.s3.store('state').put(name, text, { contentType: 'application/json' });
const openKeys = (name: string, allowAnonymous: boolean) =>
  KeyFile.open({ file: at(name), allowAnonymous, log, unixMs: Date.now });

test('callers are anonymous until there are keys, and never again', async () => {
  const keys = await openKeys('keys.json', true);
  await keys.reload();
  expect([keys.required, keys.warning]).toEqual([false, undefined]);

  await put('keys.json', encodeApiKeys([key]));
  await keys.reload();
  expect(keys.required).toBe(true);
  expect(keys.authenticate(headers.authorization).kind).toBe('known');
  expect(keys.authenticate(undefined).kind).toBe('refused');

  await cloud.s3.store('state').delete('keys.json');
  await keys.reload();
  expect([keys.required, keys.authenticate(undefined).kind]).toEqual([true, 'refused']);
  expect(keys.warning).toContain('It was deleted.');

  await put('keys.json', encodeApiKeys([]));
  await keys.reload();
  expect(keys.authenticate(headers.authorization).kind).toBe('refused');
});

test('where nobody may be anonymous, keys that do not exist are a fault of the configuration', async () => {
  await expect(openKeys('none.json', false)).rejects.toMatchObject({
    exitCode: 78,
    message: expect.stringContaining('API_KEYS_FILE=s3://state/none.json: there is no') as string,
  });
});

test('there are no receivers until they are stored', async () => {
  const receivers = await openReceivers({ file: at('receivers.json'), allowLoopback: false, log });
  expect([...receivers.value]).toEqual([]);
  const secrets = [`whsec_${Buffer.alloc(24, 1).toString('base64')}`];
  const archive = { name: 'archive', url: 'https://hooks.example/', secrets };
  await put('receivers.json', JSON.stringify({ receivers: [archive] }));
  await receivers.reload();
  expect([...receivers.value.keys()]).toEqual(['archive']);
});

test('a bucket that cannot be read is no reason to let anybody in', async () => {
  const elsewhere = configurationFile('s3://absent/keys.json', cloud.s3);
  const deps = { file: elsewhere, log, unixMs: Date.now };
  for (const opened of [
    KeyFile.open({ ...deps, allowAnonymous: true }),
    openReceivers({ ...deps, allowLoopback: false }),
  ]) {
    await expect(opened).rejects.toMatchObject({
      exitCode: 69,
      message: expect.stringMatching(/^s3:\/\/absent\/keys\.json cannot be read: /) as string,
    });
  }
});
