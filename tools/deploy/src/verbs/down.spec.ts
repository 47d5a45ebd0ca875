import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import { systemClock } from '@labelfleet/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectBuckets } from '../aws/buckets.ts';
import type { Groups } from '../aws/groups.ts';
import { fakeStacks } from '../testing/fake-stacks.ts';
import { DATA_VARIABLES, outputName, type DataVariable } from '../variables.ts';
import { removeData, removeRun, requireConfirmation } from './down.ts';

const AMI = 'ami-0123456789abcdef0';
const BUCKETS = { INPUT_BUCKET: 'input', OUTPUT_BUCKET: 'output', STATE_BUCKET: 'state' };
const QUEUES = [
  'lf-batch',
  'lf-batch-dead-letters',
  'lf-dead-letters',
  'lf-fleet-events',
  'lf-requests',
  'lf-webhooks',
  'lf-webhooks-dead-letters',
];

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud({ images: { [AMI]: { command: ['sleep', '600'] } } });
});
afterAll(() => cloud[Symbol.asyncDispose]());

/** A deployment with running workers, an orphaned reply queue and objects; and another fleet. */
async function deployed() {
  for (const bucket of Object.values(BUCKETS)) {
    await cloud.createBucket(bucket);
    await cloud.s3
      .store(bucket)
      .put('some/key', Buffer.from('bytes'), { contentType: 'text/plain' });
  }
  for (const name of QUEUES) await cloud.createQueue(name);
  await cloud.createQueue('lf-replies-orphan');
  await cloud.createQueue('lf-two-requests');
  const template = await cloud.createWorkerTemplate(AMI);
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
  const data: Partial<Record<DataVariable, string>> = BUCKETS;
  return Object.fromEntries(DATA_VARIABLES.map((name) => [outputName(name), data[name] ?? '']));
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
    async (name) => {
      steps.push(`delete ${name}`);
      // The gateway runs until then, and has created another reply queue.
      if (name === 'lf-run') await cloud.createQueue('lf-replies-late');
    },
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
  expect(await queueNames()).toEqual([...QUEUES, 'lf-two-requests'].sort());
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

  // Another one was interrupted when its stack was gone.
  await cloud.createQueue('cut-webhooks');
  await removeData('cut', deps);
  expect(await cloud.sqs.admin.list('cut')).toEqual([]);
});

test.each([undefined, '', 'lf', 'lf-run'])('does not delete data when "%s" was typed', (typed) => {
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
