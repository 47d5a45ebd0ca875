import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestCloud, type TestCloud } from '../testing/start-test-cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

const settings = { maxMessages: 1, waitSeconds: 2, visibilityTimeoutSeconds: 0 };

test('creates a queue again with the new settings', async () => {
  const deadLetters = await cloud.createQueue('dead-letters', { retentionSeconds: 1_209_600 });
  const first = await cloud.createQueue('requests', { retentionSeconds: 3600 });
  const again = await cloud.createQueue('requests', {
    retentionSeconds: 3600,
    deadLetters: { queueUrl: deadLetters, maxReceiveCount: 1 },
  });
  expect(again).toBe(first);

  const queue = cloud.sqs.queue(first);
  await queue.send({ body: 'a' });
  expect(await queue.receive(settings)).toHaveLength(1);
  // The second receive would exceed maxReceiveCount, so SQS moves the message.
  expect(await queue.receive({ ...settings, waitSeconds: 0 })).toEqual([]);
  expect(await cloud.sqs.queue(deadLetters).receive(settings)).toMatchObject([{ body: 'a' }]);
});

test('creates a bucket again and keeps its objects', async () => {
  await cloud.createBucket('input');
  await cloud.s3.store('input').put('a', 'kept', { contentType: 'text/plain' });
  await cloud.createBucket('input');
  expect(await cloud.s3.store('input').list('', 10)).toEqual(['a']);
});

test('creates a new version when a launch template is created again', async () => {
  const template = {
    name: 'worker',
    imageId: 'ami-worker',
    instanceType: 't3.micro',
    userData: 'A=1\n',
  };
  const first = await cloud.createLaunchTemplate(template);
  const again = await cloud.createLaunchTemplate({ ...template, userData: 'A=2\n' });
  expect(again).toEqual(first);
  expect(await cloud.ec2.fleet.resolveLaunchTemplate('worker')).toEqual({
    id: first.id,
    version: '2',
  });
});
