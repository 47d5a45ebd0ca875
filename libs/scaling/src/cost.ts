import { hourPrice, type Market, type Prices } from './prices.ts';

export * from './prices.ts';
export { US_EAST_1, type Figure } from './prices-us-east-1.ts';

/** EC2 bills at least this much of a Linux instance (repost.aws/knowledge-center/ec2-instance-hour-billing). */
export const LEAST_BILLED_SECONDS = 60;

/**
 * The billed seconds of an instance that has lived for `seconds`, from its launch to its shutdown. EC2 begins to
 * bill some seconds after the launch, when the instance is running
 * (docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html), so this is slightly too much.
 */
export const billedSeconds = (seconds: number): number => Math.max(LEAST_BILLED_SECONDS, seconds);

/** Cost of an instance's billed seconds; null if its price is unknown. */
export function instanceUsd(
  prices: Prices,
  { type, market }: { type: string; market: Market },
  billed: number,
): number | null {
  const hour = hourPrice(prices, type, market);
  return hour && (hour.usd * billed) / 3600;
}

/** Numbers of SQS and S3 calls, by price category. */
export interface Calls {
  sqsStandard: number;
  sqsFifo: number;
  s3Put: number;
  s3Get: number;
}

/** The requests that SQS bills for a call: one for each 64 KB of payload begun, and one at least. */
export const sqsRequests = (payloadBytes: number): number =>
  Math.max(1, Math.ceil(payloadBytes / (64 * 1024)));

/**
 * The calls for one image that is processed alone: a send, a receive and a delete on the request queue; the same on
 * the reply queue, which is a standard queue; a put of the image, a put of the result, and a get of the image.
 * Counted by tools/verification/end-to-end/src/calls.e2e.ts. This is the most: images that arrive close together share
 * SQS calls, up to ten to a call, and a small image travels in its message, so it is not fetched.
 */
export const callsOfImage = ({ fifo }: { fifo: boolean }): Calls => ({
  sqsStandard: fifo ? 3 : 6,
  sqsFifo: fifo ? 3 : 0,
  s3Put: 2,
  s3Get: 1,
});

/**
 * The calls for a second of a worker's life, idle or busy: a heartbeat every 3 s is sent, received and deleted.
 * Empty polls, one in 5 s at most, are left out.
 */
export const CALLS_OF_WORKER_SECOND: Calls = { sqsStandard: 1, sqsFifo: 0, s3Put: 0, s3Get: 0 };

/** Cost of calls; null if a price that they need is unknown. */
export function callsUsd(
  { sqsMillion, s3Thousand }: Prices,
  calls: Calls,
): { queue: number | null; store: number | null } {
  return {
    queue: add(
      times(calls.sqsStandard / 1e6, sqsMillion.standard),
      times(calls.sqsFifo / 1e6, sqsMillion.fifo),
    ),
    store: add(times(calls.s3Put / 1e3, s3Thousand.put), times(calls.s3Get / 1e3, s3Thousand.get)),
  };
}

/** Cost of one image so far, in USD. */
export interface ImageCost {
  total: number;
  /** The worker's time spent on it. */
  instance: number;
  queue: number;
  store: number;
}

/**
 * Cost of one image: the worker's seconds spent on it, and its calls as if it were processed alone. The cost of
 * boots and idle time is not included.
 * @param seconds of the instance, shared with the images processed at the same time
 * @returns null if a price is unknown
 */
export function imageCost(
  prices: Prices,
  image: { type: string; market: Market; seconds: number; fifo: boolean },
): ImageCost | null {
  const instance = instanceUsd(prices, image, image.seconds);
  const { queue, store } = callsUsd(prices, callsOfImage(image));
  if (instance === null || queue === null || store === null) return null;
  return { total: instance + queue + store, instance, queue, store };
}

/** Calls that are not made cost nothing, even if their price is unknown. */
const times = (count: number, usd: number | null): number | null =>
  count === 0 ? 0 : usd === null ? null : count * usd;

const add = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a + b;
