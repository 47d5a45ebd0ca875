import {
  callsUsd,
  instanceUsd,
  type Calls,
  type Market,
  type Prices,
} from '@labelfleet/scaling/cost';

/** The calls for a chunk so far. */
export type ChunkCalls = Calls;

/**
 * The calls for every chunk: its message is sent, received and deleted; page and stop are looked up; its part is put
 * and its page's parts are listed. The calls of its images are added.
 */
export const callsOfChunk = (): ChunkCalls => ({ sqsStandard: 3, sqsFifo: 0, s3Put: 2, s3Get: 2 });

/** The cost of work in USD: its seconds of the whole machine, and its calls. Null where a price is not known. */
export type PriceWork = (seconds: number, calls: Calls) => number | null;

export const priceWork =
  (prices: Prices, machine: { type: string; market: Market }): PriceWork =>
  (seconds, calls) => {
    const instance = instanceUsd(prices, machine, seconds);
    const { queue, store } = callsUsd(prices, calls);
    return instance === null || queue === null || store === null ? null : instance + queue + store;
  };
