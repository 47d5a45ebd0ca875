import { CALLERS } from './steps.ts';

const SQS_AND_S3 = ['sqs:*', 's3:*'];
const SLOWNESS = { seconds: 0.2, spreadSeconds: 0.6, distribution: 'exponential' };

/**
 * The faults that are active during the whole load: those that AWS has too, only more frequent.
 */
export function backgroundFaults(seed: number): object[] {
  const calls = Object.values(CALLERS).flatMap((caller) => [
    { kind: 'cut-connection', match: { caller }, probability: 0.004 },
    { kind: 'throttle', match: { caller }, probability: 0.004 },
    { kind: 'latency', match: { caller }, probability: 0.01, ...SLOWNESS },
    { kind: 'lost-reply', action: SQS_AND_S3, match: { caller }, probability: 0.004 },
  ]);
  const { scaler: caller } = CALLERS;
  const refused = { kind: 'error', action: 'RunInstances', status: 400 };
  const fleet = [
    { kind: 'lost-reply', action: 'ec2:*', match: { caller }, probability: 0.02 },
    { kind: 'throttle', action: 'ec2:*', match: { caller }, probability: 0.02 },
    { kind: 'stale-describe', match: { caller }, probability: 0.3, seconds: 3 },
    { kind: 'capacity', every: 4 },
    // One error code that EC2 documents and one that does not exist.
    { ...refused, code: 'InvalidSubnetID.NotFound', every: 11 },
    { ...refused, code: 'NotKnownToday.Refused', every: 13 },
    { kind: 'boot-failure', every: 7 },
  ];
  const twice = (queue: string, probability: number) => ({
    kind: 'duplicate-delivery',
    match: { queue: `labelfleet-${queue}` },
    probability,
  });
  const messages = [
    twice('requests', 0.05),
    { ...twice('requests', 0.02), afterSeconds: 3 },
    twice('replies-*', 0.02),
    twice('fleet-events', 0.02),
    twice('webhooks', 0.05),
  ];
  return [...calls, ...fleet, ...messages].map((fault, index) => ({
    ...fault,
    seed: seed + index,
  }));
}
