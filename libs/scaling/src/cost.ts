import { hourPrice, type Market, type Prices } from './prices.ts';

export * from './prices.ts';
export { US_EAST_1, type Figure } from './prices-us-east-1.ts';

/** What EC2 bills of a Linux instance at least (repost.aws/knowledge-center/ec2-instance-hour-billing). */
export const LEAST_BILLED_SECONDS = 60;

/**
 * The seconds that are billed of an instance that has lived for `seconds`, from its launch to its shutting
 * down. EC2 itself begins some seconds after the launch, when the instance is running
 * (docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html): this is a little more.
 */
export const billedSeconds = (seconds: number): number => Math.max(LEAST_BILLED_SECONDS, seconds);

/** What the billed seconds of an instance cost; null where its price is not known. */
export function instanceUsd(
  prices: Prices,
  { type, market }: { type: string; market: Market },
  billed: number,
): number | null {
  const hour = hourPrice(prices, type, market);
  return hour && (hour.usd * billed) / 3600;
}

/** Calls of SQS and S3, by what they are priced as. */
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
 * The calls that one image makes on its way, when it travels alone: on the request queue a send, a receive
 * and a delete; the same on the reply queue, which is a standard one; the image and its result are put, and
 * the image is got. Counted by tools/verification/end-to-end/src/calls.e2e.ts. Images that come close together share calls
 * of SQS, up to ten to a call, so this is the most; what they do with S3 they do one by one.
 */
export const callsOfImage = ({ fifo }: { fifo: boolean }): Calls => ({
  sqsStandard: fifo ? 3 : 6,
  sqsFifo: fifo ? 3 : 0,
  s3Put: 2,
  s3Get: 1,
});

/**
 * The calls that a second of a worker's life makes whether or not it works: a report every 3 s, which is
 * sent, received and deleted. Its empty polls, one in 5 s at most, are left out.
 */
export const CALLS_OF_WORKER_SECOND: Calls = { sqsStandard: 1, sqsFifo: 0, s3Put: 0, s3Get: 0 };

/** What calls cost; null where a price that they need is not known. */
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

/** What one image has cost so far, in USD. */
export interface ImageCost {
  total: number;
  /** The worker's time spent on it. */
  instance: number;
  queue: number;
  store: number;
}

/**
 * What one image costs: the worker's seconds spent on it, and its calls as if it travelled alone. What a
 * fleet costs between images, boots and idle time, is not in it.
 * @param seconds of the instance, shared with the images worked on at the same time
 * @returns null where a price is not known
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

/** What is not needed costs nothing, whatever its price. */
const times = (count: number, usd: number | null): number | null =>
  count === 0 ? 0 : usd === null ? null : count * usd;

const add = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a + b;
