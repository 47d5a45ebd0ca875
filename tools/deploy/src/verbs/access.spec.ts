import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import type { ObjectStore } from '@labelfleet/aws/store';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACCESS_OBJECTS } from '../variables.ts';
import { openDoorWarning, putReceivers, receiverLines } from './access.ts';

let cloud: TestCloud;
let state: ObjectStore;
beforeAll(async () => {
  cloud = await startTestCloud();
  await cloud.createBucket('state');
  state = cloud.s3.store('state');
});
afterAll(() => cloud[Symbol.asyncDispose]());

const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const archive = { name: 'archive', url: 'https://hooks.example/labels', secrets: [secret] };
const file = (receiver: unknown) => JSON.stringify({ receivers: [receiver] });

test('receivers are stored as they are, and listed without their secrets', async () => {
  expect(await receiverLines(state)).toEqual([]);
  expect(await putReceivers(state, file(archive))).toEqual(['archive']);
  expect(await receiverLines(state)).toEqual(['archive\thttps://hooks.example/labels']);
});

test.each([
  ['http', { ...archive, url: 'http://127.0.0.1/' }, 'the URL of archive must begin with https://'],
  ['no secret', { ...archive, secrets: [] }, 'receivers.0.secrets'],
])('receivers with %s replace nothing', async (_, receiver, fault) => {
  await putReceivers(state, file(archive));
  await expect(putReceivers(state, file(receiver))).rejects.toMatchObject({
    exitCode: 78,
    message: expect.stringContaining(fault) as string,
  });
  expect(await receiverLines(state)).toHaveLength(1);
});

test('says that everybody may call, until there are keys', async () => {
  expect(await openDoorWarning('203.0.113.7/32', state)).toBeUndefined();
  expect(await openDoorWarning('0.0.0.0/0', state)).toContain('npm run aws -- keys add CALLER');
  await state.put(ACCESS_OBJECTS.apiKeys, '{"keys": []}', { contentType: 'application/json' });
  expect(await openDoorWarning('0.0.0.0/0', state)).toBeUndefined();
});
