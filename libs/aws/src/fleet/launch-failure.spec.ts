import { describe, expect, test } from 'vitest';
import { AwsCallError } from '../errors.ts';
import { launchFailure } from './launch-failure.ts';
import { CLIENT_CODES, COMMON_CLIENT_CODES, SERVER_CODES } from './testing/ec2-error-codes.ts';

const failed = (code: string, statusCode?: number) =>
  new AwsCallError('RunInstances', { code, message: 'as EC2 says', statusCode });
const kindOf = (code: string, statusCode?: number) =>
  launchFailure(failed(code, statusCode))?.kind ?? 'unknown';

/** What of EC2's list means anything else than that this launch is refused. */
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

describe('each code that EC2 documents has one meaning for a launch', () => {
  const all = [
    ...[...COMMON_CLIENT_CODES, ...CLIENT_CODES].map((code) => [code, 400] as const),
    ...SERVER_CODES.map((code) => [code, 503] as const),
  ];

  test.each(all.map(([code, status]) => ({ code, status, kind: expected(code) })))(
    '$code ($status): $kind',
    ({ code, status, kind }) => expect(kindOf(code, status)).toBe(kind),
  );

  test('and the table names no code that is not on the list', () => {
    const listed = new Set(all.map(([code]) => code));
    const named = Object.values(NOT_REFUSED).flat();
    expect(named.filter((code) => !listed.has(code))).toEqual([]);
  });
});

describe('a code that nobody has heard of means what its status says', () => {
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
  ])('with status %s: %s', (status, kind) => {
    for (const code of ['NobodyKnowsThis', 'AuthFailure.Something', 'UnreadableAnswer'])
      expect(kindOf(code, status)).toBe(kind);
  });
});

test.each(['ExpiredToken', 'ExpiredTokenException', 'RequestTimeTooSkewed', 'RequestInTheFuture'])(
  '%s, which the credentials or the clock of this machine caused, refuses nothing',
  (code) => expect(kindOf(code, 403)).toBe('not-authenticated'),
);

test.each(['TimeoutError', 'ECONNRESET', 'NoAnswer'])('no answer (%s) is unknown', (code) =>
  expect(kindOf(code)).toBe('unknown'),
);

test('a fault of our own is no outcome: the launch rejects', () => {
  expect(launchFailure(new TypeError('not a function'))).toBeUndefined();
});

test('an outcome carries what EC2 said', () => {
  expect(launchFailure(failed('VPCIdNotSpecified', 400))).toEqual({
    kind: 'refused',
    code: 'VPCIdNotSpecified',
    message: 'RunInstances: VPCIdNotSpecified: as EC2 says',
  });
});

test('a token whose instances have been terminated has launched, and nothing of it is left', () => {
  expect(launchFailure(failed('IdempotentInstanceTerminated', 400))).toEqual({
    kind: 'launched',
    instances: [],
  });
});
