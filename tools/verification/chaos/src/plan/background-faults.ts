/** The access keys of the product's processes; calls of this program get no faults. */
const CALLERS = { gateways: 'gateway-*', scalers: 'scaler-*', workers: 'ASIALOCAL*' } as const;

const SQS_AND_S3 = ['sqs:*', 's3:*'];

/**
 * The faults that are active during the whole load: those that AWS has too, only more frequent.
 */
export function backgroundFaults(seed: number): object[] {
  const { gateways, scalers, workers } = CALLERS;
  const calls = [gateways, scalers, workers].flatMap((caller) => [
    { kind: 'cut-connection', match: { caller }, probability: 0.004 },
    { kind: 'throttle', match: { caller }, probability: 0.004 },
    {
      kind: 'latency',
      match: { caller },
      probability: 0.01,
      seconds: 0.2,
      spreadSeconds: 0.6,
      distribution: 'exponential',
    },
    { kind: 'lost-reply', action: SQS_AND_S3, match: { caller }, probability: 0.004 },
  ]);
  const fleet = [
    { kind: 'lost-reply', action: 'ec2:*', match: { caller: scalers }, probability: 0.02 },
    { kind: 'throttle', action: 'ec2:*', match: { caller: scalers }, probability: 0.02 },
    { kind: 'stale-describe', match: { caller: scalers }, probability: 0.3, seconds: 3 },
    { kind: 'capacity', every: 4 },
    // One error code that EC2 documents and one that does not exist.
    {
      kind: 'error',
      action: 'RunInstances',
      status: 400,
      code: 'InvalidSubnetID.NotFound',
      every: 11,
    },
    {
      kind: 'error',
      action: 'RunInstances',
      status: 400,
      code: 'NotKnownToday.Refused',
      every: 13,
    },
    { kind: 'boot-failure', every: 7 },
  ];
  const messages = [
    { kind: 'duplicate-delivery', match: { queue: 'labelfleet-requests' }, probability: 0.05 },
    {
      kind: 'duplicate-delivery',
      match: { queue: 'labelfleet-requests' },
      probability: 0.02,
      afterSeconds: 3,
    },
    { kind: 'duplicate-delivery', match: { queue: 'labelfleet-replies-*' }, probability: 0.02 },
    { kind: 'duplicate-delivery', match: { queue: 'labelfleet-fleet-events' }, probability: 0.02 },
  ];
  return [...calls, ...fleet, ...messages].map((fault, index) => ({
    ...fault,
    seed: seed + index,
  }));
}
