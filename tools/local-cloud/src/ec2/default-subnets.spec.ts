import { DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';

import { expectError } from '@labelfleet/testkit/expect-error';
import { launch, launchOne } from '@labelfleet/testkit/test-instances';
import { useLocalCloud } from '@labelfleet/testkit/use-local-cloud';

const cloud = useLocalCloud({ env: { LOCAL_CLOUD_DEFAULT_SUBNETS: 'false' } });

test('without default subnets a launch must name its subnet', async () => {
  const { Subnets = [] } = await cloud.ec2.send(new DescribeSubnetsCommand({}));
  expect(new Set(Subnets.map(({ DefaultForAz }) => DefaultForAz))).toEqual(new Set([false]));
  await expectError(launch(cloud), 'VPCIdNotSpecified');
  const SubnetId = Subnets[1]?.SubnetId;
  expect(await launchOne(cloud, { SubnetId })).toMatch(/^i-/);
});
