import { startTestCloud } from '@labelfleet/aws/testing';
import { expect, test } from 'vitest';
import { fakeStacks } from '../testing/fake-stacks.ts';
import { dataOf, urlOf } from './names.ts';
import { statusLines } from './status.ts';
import { DATA_VARIABLES, outputName } from '../variables.ts';

test('says what there is, and what waits', async () => {
  await using cloud = await startTestCloud();
  const requests = await cloud.createQueue('lf-requests');
  await cloud.sqs.queue(requests).send({ body: '{}' });
  const outputs = Object.fromEntries(DATA_VARIABLES.map((name) => [outputName(name), requests]));
  const stacks = fakeStacks({ 'lf-data': outputs, 'lf-run': { Url: 'http://192.0.2.1/' } });
  const deps = { stacks, fleet: cloud.ec2.fleet, queue: (url: string) => cloud.sqs.queue(url) };
  expect(await statusLines('lf', deps)).toEqual([
    'lf-data: CREATE_COMPLETE',
    'lf-run: CREATE_COMPLETE',
    'address: http://192.0.2.1/',
    'workers: none',
    'requests: 1 waiting, 0 in flight',
    'dead letters: 1 waiting, 0 in flight',
    'batch queue: 1 waiting, 0 in flight',
    'its dead letters: 1 waiting, 0 in flight',
  ]);
  expect(await statusLines('other', deps)).toEqual([
    'other-data: absent',
    'other-run: absent',
    'workers: none',
  ]);
});

test('a deployment that is not there is not guessed', () => {
  for (const read of [urlOf, dataOf]) {
    expect(() => read(undefined)).toThrow(
      expect.objectContaining({
        exitCode: 69,
        message: expect.stringContaining('There is no such deployment') as string,
      }) as Error,
    );
  }
});
