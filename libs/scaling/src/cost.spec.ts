import { describe, expect, it } from 'vitest';
import {
  billedSeconds,
  callsOfImage,
  callsUsd,
  imageCost,
  instanceUsd,
  pricesFor,
  sqsRequests,
  US_EAST_1_PRICES,
} from './cost.ts';

const large = { type: 'c7g.large', market: 'on-demand' } as const;

describe('an instance', () => {
  it.each([
    { lived: 0, billed: 60 },
    { lived: 59.9, billed: 60 },
    { lived: 60.5, billed: 60.5 },
  ])('that lived for $lived s is billed for $billed s', ({ lived, billed }) => {
    expect(billedSeconds(lived)).toBe(billed);
  });

  it('costs its share of the price of an hour', () => {
    // 90 s of 0.0725 an hour
    expect(instanceUsd(US_EAST_1_PRICES, large, 90)).toBeCloseTo(0.0018125, 10);
  });

  it('of a type without a price has an unknown cost', () => {
    expect(instanceUsd(US_EAST_1_PRICES, { ...large, type: 'm9g.large' }, 90)).toBeNull();
  });
});

describe('calls', () => {
  it.each([
    { bytes: 0, requests: 1 },
    { bytes: 65_536, requests: 1 },
    { bytes: 65_537, requests: 2 },
    { bytes: 1_048_576, requests: 16 },
  ])('of SQS with $bytes bytes are $requests requests', ({ bytes, requests }) => {
    expect(sqsRequests(bytes)).toBe(requests);
  });

  it.each([
    // 6 of 0.40 a million; 2 PUT of 0.005 and a GET of 0.0004 a thousand
    { fifo: false, queue: 2.4e-6, store: 1.04e-5 },
    // 3 of 0.40 and 3 of 0.50
    { fifo: true, queue: 2.7e-6, store: 1.04e-5 },
  ])('of an image, with a FIFO queue $fifo', ({ fifo, queue, store }) => {
    const usd = callsUsd(US_EAST_1_PRICES, callsOfImage({ fifo }));
    expect(usd.queue).toBeCloseTo(queue, 12);
    expect(usd.store).toBeCloseTo(store, 12);
  });

  it('need only the prices of what is called', () => {
    const prices = pricesFor('eu-central-1', [['sqs', 0.5]]);
    const calls = { sqsStandard: 1e6, sqsFifo: 0, s3Put: 0, s3Get: 1 };
    expect(callsUsd(prices, calls)).toEqual({ queue: 0.5, store: null });
  });
});

describe('an image', () => {
  const image = { ...large, seconds: 0.125, fifo: false };

  it('costs its seconds of the worker and its calls', () => {
    const cost = imageCost(US_EAST_1_PRICES, image);
    // 0.125 s of 0.0725 an hour
    expect(cost?.instance).toBeCloseTo(2.5174e-6, 10);
    expect(cost?.total).toBeCloseTo(2.5174e-6 + 2.4e-6 + 1.04e-5, 10);
  });

  it('has no cost where a price is missing', () => {
    expect(imageCost(US_EAST_1_PRICES, { ...image, type: 'm9g.large' })).toBeNull();
    expect(imageCost(pricesFor('eu-central-1', [['c7g.large', 0.08]]), image)).toBeNull();
  });
});
