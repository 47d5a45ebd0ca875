import { decodeJson, type Decoded } from '@labelfleet/contracts';
import * as z from 'zod';

const seconds = z.number().min(0);
const share = z.number().min(0).max(1);
const perHour = z.number().min(0);
const count = z.int().min(1);
const period = z.number().positive();

/** The time from the launch of an instance to the first poll of its worker: median 42 s, 95th percentile 75 s. */
const boot = z.strictObject({
  medianSeconds: period.default(42),
  /** Standard deviation of the natural logarithm of a boot's seconds; 0: every boot takes the median. */
  logSpread: seconds.default(Math.log(75 / 42) / 1.645),
  /** Share of boots that take `slowFactor` times as long. */
  slowShare: share.default(0),
  slowFactor: period.default(3),
  /** Share of boots whose worker never comes up. */
  failedShare: share.default(0),
});

/** Limits, errors and lags of EC2 and SQS. */
const api = z.strictObject({
  /** RunInstances' token bucket for launched instances: its documented size and refill per second. */
  launchTokens: count.default(1000),
  launchTokensPerSecond: z.number().min(0).default(2),
  /** Share of launches that fail with RequestLimitExceeded regardless of the bucket. */
  throttledShare: share.default(0),
  /** Share of all calls, including launches, that fail with another error. */
  errorShare: share.default(0),
  /** How long DescribeInstances does not show a new instance. */
  listingLagSeconds: seconds.default(2),
  /** How long a terminated instance is still listed as shutting down. It is not billed. */
  endingSeconds: seconds.default(30),
  /** Age of the queue's counts when they are read. */
  countLagSeconds: seconds.default(1),
  /** Age of a heartbeat when the scaler receives it. */
  reportLagSeconds: seconds.default(0.2),
});

/** The price is of 2026-07-20. `minimumSeconds` is the minimum that is billed for a launch. */
const billing = z.strictObject({
  instanceType: z.string().default('c7g.large'),
  usdPerHour: z.number().min(0).default(0.0725),
  minimumSeconds: seconds.default(60),
});

/** The default is EC2 in us-east-1 on a good day. */
const schema = z.strictObject({
  /** The number of images that a worker holds when it receives none ahead. */
  slots: count.default(2),
  /** Images that it classifies at the same time; the others that it holds are fetched and wait. */
  threads: count.default(2),
  /** Seconds of the only gateway to put an image into the queue, one after the other. */
  gatewaySeconds: seconds.default(0),
  /** Time of an image in its slot beyond its service: fetch it, store the result, send the reply. */
  overheadSeconds: seconds.default(0),
  /** Longest wait of a long poll. */
  pollSeconds: period.default(5),
  /** The visibility timeout, after which the images of a dead worker are redelivered. */
  visibilityTimeoutSeconds: period.default(30),
  boot: boot.prefault({}),
  api: api.prefault({}),
  /** Periods in which EC2 has no capacity. */
  droughts: z.array(z.strictObject({ fromSeconds: seconds, toSeconds: seconds })).default([]),
  /** Crashes without warning, per hour and instance. */
  killsPerHour: perHour.default(0),
  /** Spot interruptions, with 2 minutes' notice, per hour and instance. */
  spotInterruptionsPerHour: perHour.default(0),
  billing: billing.prefault({}),
  minWorkers: z.int().min(0).default(0),
  maxWorkers: count.default(20),
  /** The policy's goal: 95% of images are answered within this time. */
  targetWaitSeconds: period.default(10),
  tickSeconds: period.default(2),
});

/** The settings of the world, without the workload and the policy. */
export type WorldSettings = z.output<typeof schema>;

/** Settings of a world that differ from the defaults. */
export type WorldChanges = z.input<typeof schema>;

export const aWorld = (changes: WorldChanges = {}): WorldSettings => schema.parse(changes);

/** Adds changes to others, which they replace. */
export const bothChanges = (one: WorldChanges, other: WorldChanges): WorldChanges => ({
  ...one,
  ...other,
  boot: { ...one.boot, ...other.boot },
  api: { ...one.api, ...other.api },
});

/** Reads a world's changed settings from JSON. Unknown names are refused, because they would change nothing. */
export function decodeWorldChanges(text: string): Decoded<WorldChanges> {
  const decoded = decodeJson(schema, text);
  // The decoded world has the defaults too, which would replace the settings of a workload.
  return decoded.kind === 'malformed'
    ? decoded
    : { kind: 'decoded', value: JSON.parse(text) as WorldChanges };
}
