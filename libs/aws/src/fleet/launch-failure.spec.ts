import { expect, test } from 'vitest';
import { AwsCallError } from '../errors.ts';
import { launchFailure } from './launch-failure.ts';

const failed = (code: string, statusCode = 400) =>
  new AwsCallError('RunInstances', { code, message: 'as EC2 says', statusCode });

test.each([
  ['InsufficientInstanceCapacity', 'no-capacity'],
  ['InsufficientFreeAddressesInSubnet', 'no-capacity'],
  ['Unsupported', 'no-capacity'],
  ['RequestLimitExceeded', 'throttled'],
  ['VcpuLimitExceeded', 'limit'],
  ['InstanceLimitExceeded', 'limit'],
  ['MaxSpotInstanceCountExceeded', 'limit'],
  ['IdempotentParameterMismatch', 'refused'],
  ['InvalidAMIID.NotFound', 'refused'],
  ['InvalidLaunchTemplateId.NotFound', 'refused'],
  ['UnauthorizedOperation', 'refused'],
])('%s on a launch is the outcome %s', (code, kind) => {
  expect(launchFailure(failed(code))).toEqual({
    kind,
    code,
    message: `RunInstances: ${code}: as EC2 says`,
  });
});

test.each([
  ['trouble at EC2', failed('InternalError', 500)],
  ['a clock that is wrong', failed('RequestExpired')],
  ['no answer', failed('TimeoutError')],
  ['a fault of our own', new TypeError('not a function')],
])('%s is no outcome: the launch rejects', (_, error) => {
  expect(launchFailure(error)).toBeUndefined();
});
