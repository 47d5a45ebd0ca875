import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import { systemClock } from '@labelfleet/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectBuckets } from '../aws/buckets.ts';
import type { Groups } from '../aws/groups.ts';
import { fakeStacks } from '../testing/fake-stacks.ts';
import { outputName, type DataVariable } from '../variables.ts';
import { removeData, removeRun, requireConfirmation } from './down.ts';

const AMI = 'ami-0123456789abcdef0';
const BUCKETS = { INPUT_BUCKET: 'input', OUTPUT_BUCKET: 'output', STATE_BUCKET: 'state' };
const QUEUES = {
  REQUEST_QUEUE_URL: 'lf-requests',
  DEAD_LETTER_QUEUE_URL: 'lf-dead-letters',
  FLEET_EVENT_QUEUE_URL: 'lf-fleet-events',
  WEBHOOK_QUEUE_URL: 'lf-webhooks',
  WEBHOOK_DEAD_LETTER_QUEUE_URL: 'lf-webhooks-dead-letters',
};

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud({ images: { [AMI]: { command: ['sleep', '600'] } } });
});
afterAll(() => cloud[Symbol.asyncDispose]());

/** A deployment with running workers, an orphaned reply queue and objects; beside it one of another name. */
async function deployed() {
  const outputs: Record<string, string> = { ...BUCKETS };
  const data = { ...BUCKETS } as Record<DataVariable, string>;
  for (const bucket of Object.values(BUCKETS)) {
    await cloud.createBucket(bucket);
    await cloud.s3
      .store(bucket)
      .put('some/key', Buffer.from('bytes'), { contentType: 'text/plain' });
  }
  for (const [variable, name] of Object.entries(QUEUES)) {
    data[variable as DataVariable] = await cloud.createQueue(name);
  }
  for (const variable of Object.keys(data) as DataVariable[]) {
    outputs[outputName(variable)] = data[variable];
  }
  await cloud.createQueue('lf-replies-orphan');
  await cloud.createQueue('lf-two-requests');
  const template = await cloud.createLaunchTemplate({
    name: 'worker',
    imageId: AMI,
    instanceType: 'c7g.large',
    userData: '',
  });
  for (const [fleet, count] of [
    ['lf', 2],
    ['lf-two', 1],
  ] as const) {
    await cloud.ec2.fleet.launch({
      clientToken: fleet,
      count,
      launchTemplateId: template.id,
      launchTemplateVersion: '1',
      market: 'on-demand',
      tags: { 'labelfleet:fleet': fleet },
    });
  }
  return outputs;
}

test('removes what runs and then the data, in order, and nothing of other fleets', async () => {
  const steps: string[] = [];
  const liveOf = async (fleet: string) =>
    (await cloud.ec2.fleet.list('labelfleet:fleet', fleet)).filter(
      ({ state }) => state !== 'terminated',
    ).length;
  const queueNames = async () =>
    (await cloud.sqs.admin.list('lf')).map((url) => url.split('/').at(-1)).sort();

  const groups: Groups = {
    stop: async (name) => void steps.push(`stop ${name} with ${await liveOf('lf')} workers`),
    size: async () => 0,
  };
  const stacks = fakeStacks(
    { 'lf-data': await deployed(), 'lf-run': { ScalerGroup: 'scaler-group' } },
    (name) => steps.push(`delete ${name}`),
  );
  const deps = {
    stacks,
    groups,
    fleet: cloud.ec2.fleet,
    queues: cloud.sqs.admin,
    buckets: connectBuckets(cloud.connection),
    clock: systemClock,
    tell: () => undefined,
  };

  await removeRun('lf', deps, 50);
  expect(steps).toEqual(['stop scaler-group with 2 workers', 'delete lf-run']);
  expect([await liveOf('lf'), await liveOf('lf-two')]).toEqual([0, 1]);
  expect(await queueNames()).toEqual([...Object.values(QUEUES), 'lf-two-requests'].sort());
  expect(await cloud.s3.store('input').get('some/key')).not.toBeNull();
  // A second time, there is nothing to do.
  await removeRun('lf', deps, 50);
  expect(steps).toHaveLength(2);

  await removeData('lf', deps);
  expect(steps.slice(2)).toEqual(['delete lf-data']);
  expect(await queueNames()).toEqual(['lf-two-requests']);
  for (const bucket of Object.values(BUCKETS)) {
    await expect(cloud.s3.store(bucket).get('some/key')).rejects.toThrow(/NoSuchBucket/);
  }
  await removeData('lf', deps);
});

test.each([undefined, '', 'lf', 'lf-run'])('does not delete data when told "%s"', (typed) => {
  expect(() => requireConfirmation('lf', typed)).toThrow(
    expect.objectContaining({
      exitCode: 78,
      message: expect.stringContaining('--confirm lf-data') as string,
    }) as Error,
  );
});

test('deletes data when its stack is named', () => {
  expect(() => requireConfirmation('lf', 'lf-data')).not.toThrow();
});
