import { describe, expect, test } from 'vitest';
import { AwsCallError } from '../errors.ts';
import { launchFailure } from './launch-failure.ts';
import { CLIENT_CODES, COMMON_CLIENT_CODES, SERVER_CODES } from './testing/ec2-error-codes.ts';

const failed = (code: string, statusCode?: number) =>
  new AwsCallError('RunInstances', { code, message: 'as EC2 says', statusCode });
const kindOf = (code: string, statusCode?: number) =>
  launchFailure(failed(code, statusCode))?.kind ?? 'unknown';

/** The codes on EC2's list with another outcome than `refused`. */
const NOT_REFUSED: Readonly<Record<string, readonly string[]>> = {
  'no-capacity': [
    'IncompatibleHostRequirements',
    'InsufficientCapacityOnHost',
    'InsufficientFreeAddressesInSubnet',
    'InsufficientReservedInstancesCapacity',
    'ReservationCapacityExceeded',
    'SpotMaxPriceTooLow',
    'UnavailableHostRequirements',
    'UnfulfillableCapacity',
    'Unsupported',
    'VolumeTypeNotAvailableInZone',
    'InsufficientAddressCapacity',
    'InsufficientCapacity',
    'InsufficientHostCapacity',
    'InsufficientInstanceCapacity',
    'InsufficientReservedInstanceCapacity',
    'InsufficientVolumeCapacity',
  ],
  throttled: ['BandwidthLimitExceeded', 'RequestLimitExceeded'],
  limit: [
    'InstanceLimitExceeded',
    'MaxIOPSLimitExceeded',
    'MaxSpotInstanceCountExceeded',
    'NetworkInterfaceLimitExceeded',
    'PendingVerification',
    'VcpuLimitExceeded',
    'VolumeLimitExceeded',
  ],
  'not-authenticated': [
    'IncompleteSignature',
    'InvalidClientTokenId',
    'InvalidSecurity.RequestHasExpired',
    'MissingAuthenticationToken',
    'RequestExpired',
    'SignatureDoesNotMatch',
  ],
  launched: ['IdempotentInstanceTerminated'],
  unknown: [
    'InternalError',
    'InternalFailure',
    'RetryableError',
    'ServerInternal',
    'ServiceUnavailable',
    'Unavailable',
  ],
};
const expected = (code: string) =>
  Object.entries(NOT_REFUSED).find(([, codes]) => codes.includes(code))?.[0] ?? 'refused';

describe('maps each documented EC2 error code to one outcome', () => {
  const all = [
    ...[...COMMON_CLIENT_CODES, ...CLIENT_CODES].map((code) => [code, 400] as const),
    ...SERVER_CODES.map((code) => [code, 503] as const),
  ];

  test.each(all.map(([code, status]) => ({ code, status, kind: expected(code) })))(
    '$code ($status): $kind',
    ({ code, status, kind }) => expect(kindOf(code, status)).toBe(kind),
  );

  test('has no code in its table that EC2 does not document', () => {
    const listed = new Set(all.map(([code]) => code));
    const named = Object.values(NOT_REFUSED).flat();
    expect(named.filter((code) => !listed.has(code))).toEqual([]);
  });
});

describe('maps an unknown code by its HTTP status', () => {
  test.each([
    [400, 'refused'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'refused'],
    [408, 'unknown'],
    [409, 'refused'],
    [413, 'refused'],
    [429, 'throttled'],
    [499, 'refused'],
    [500, 'unknown'],
    [502, 'unknown'],
    [503, 'unknown'],
    [504, 'unknown'],
    [302, 'unknown'],
    [undefined, 'unknown'],
  ])('%s: %s', (status, kind) => {
    for (const code of ['NobodyKnowsThis', 'AuthFailure.Something', 'UnreadableAnswer'])
      expect(kindOf(code, status)).toBe(kind);
  });
});

test.each(['ExpiredToken', 'ExpiredTokenException', 'RequestTimeTooSkewed', 'RequestInTheFuture'])(
  'maps %s, caused by the credentials or the local clock, to not-authenticated',
  (code) => expect(kindOf(code, 403)).toBe('not-authenticated'),
);

test.each(['TimeoutError', 'ECONNRESET', 'NoAnswer'])('has no outcome for %s', (code) =>
  expect(kindOf(code)).toBe('unknown'),
);

test('has no outcome for an error that is not an AwsCallError', () => {
  expect(launchFailure(new TypeError('not a function'))).toBeUndefined();
});

test('keeps the code and the message of EC2 in the outcome', () => {
  expect(launchFailure(failed('VPCIdNotSpecified', 400))).toEqual({
    kind: 'refused',
    code: 'VPCIdNotSpecified',
    message: 'RunInstances: VPCIdNotSpecified: as EC2 says',
  });
});

test('maps IdempotentInstanceTerminated to a launch without instances', () => {
  expect(launchFailure(failed('IdempotentInstanceTerminated', 400))).toEqual({
    kind: 'launched',
    instances: [],
  });
});
