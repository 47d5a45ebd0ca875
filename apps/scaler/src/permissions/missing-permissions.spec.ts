import { AwsCallError } from '@labelfleet/aws/errors';
import { fakeEc2, fakeS3, fakeSqs } from '@labelfleet/aws/testing';
import { describe, expect, it, vi } from 'vitest';
import { MissingPermissions, queueArn, iamActionOf } from './missing-permissions.ts';
import { watchPermissions } from './watch-permissions.ts';
import { TestClock } from '../testing/test-clock.ts';

const denied = (operation: string, code = 'AccessDenied') =>
  new AwsCallError(operation, { code, message: 'no', statusCode: 403 });

function watched() {
  const logged: unknown[][] = [];
  const error = ({ event, action, resource }: Record<string, unknown>) =>
    void logged.push([event, action, resource]);
  const clock = new TestClock();
  const beforeCall = (operation: string) => {
    throw denied(operation, operation.includes('Instance') ? 'UnauthorizedOperation' : undefined);
  };
  const raw = {
    sqs: fakeSqs({ beforeCall }),
    s3: fakeS3({ beforeCall }),
    ec2: fakeEc2({ beforeCall }),
  };
  const parts = watchPermissions(raw, new MissingPermissions({ error }, clock));
  return {
    ...parts,
    pass: (ms: number) => clock.pass(ms),
    logged: () => logged,
  };
}

const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/123456789012/requests';

type Deps = ReturnType<typeof watched>;

describe('a call that is denied', () => {
  it.each<[string, string, (parts: Deps) => Promise<unknown>]>([
    [
      's3:GetObject',
      'arn:aws:s3:::state/fleet/lease.json',
      ({ s3 }) => s3.store('state').get('fleet/lease.json'),
    ],
    [
      's3:PutObject',
      'arn:aws:s3:::state/a',
      ({ s3 }) => s3.store('state').put('a', '{}', { contentType: 'application/json' }),
    ],
    ['ec2:DescribeInstances', '*', ({ ec2 }) => ec2.fleet.list('a', 'b')],
    ['ec2:TerminateInstances', 'instance/i-1', ({ ec2 }) => ec2.fleet.terminate('i-1')],
  ])(
    'is logged as an error that names the permission %s on %s, and fails as before',
    async (action, resource, call) => {
      const parts = watched();
      await expect(call(parts)).rejects.toThrow(AwsCallError);
      expect(parts.logged()).toEqual([['access.denied', action, resource]]);
    },
  );

  it('is logged once a minute, however often it is made', async () => {
    const parts = watched();
    const store = parts.s3.store('state');
    for (let second = 0; second < 120; second += 1) {
      await expect(store.get('a')).rejects.toThrow(AwsCallError);
      parts.pass(1000);
    }
    expect(parts.logged()).toHaveLength(2);
  });

  it('is logged if EC2 refuses a launch, which is an outcome and not an error', async () => {
    const error = vi.fn();
    const ec2 = fakeEc2();
    const launchTemplateId = ec2.createLaunchTemplate('worker');
    ec2.failNextLaunch({ kind: 'refused', code: 'UnauthorizedOperation', message: 'no' });
    const { ec2: seen } = watchPermissions(
      { sqs: fakeSqs(), s3: fakeS3(), ec2 },
      new MissingPermissions({ error }, new TestClock()),
    );
    const request = { clientToken: 't', count: 1, launchTemplateId, launchTemplateVersion: '1' };
    await seen.fleet.launch({ ...request, market: 'on-demand', tags: {} });
    expect(error.mock.calls[0]?.[0]).toMatchObject({
      action: 'ec2:RunInstances',
      hint: expect.stringContaining('iam:PassRole') as string,
    });
  });
});

it.each([
  ['sqs', 'SendMessageBatch', 'sqs:SendMessage'],
  ['sqs', 'ReceiveMessage', 'sqs:ReceiveMessage'],
  ['s3', 'HeadObject', 's3:GetObject'],
  ['s3', 'ListObjectsV2', 's3:ListBucket'],
  ['ec2', 'RunInstances', 'ec2:RunInstances'],
] as const)('%s %s needs the permission %s', (service, operation, right) => {
  expect(iamActionOf(service, operation)).toBe(right);
});

it('names a queue of AWS by its ARN, and any other by its URL', () => {
  expect(queueArn(QUEUE)).toBe('arn:aws:sqs:eu-west-1:123456789012:requests');
  expect(queueArn('http://127.0.0.1:4566/000000000000/a')).toBe(
    'http://127.0.0.1:4566/000000000000/a',
  );
});
