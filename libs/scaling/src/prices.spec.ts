import { describe, expect, it } from 'vitest';
import { hourPrice, NO_PRICES, parseOwnPrices, pricesFor, US_EAST_1_PRICES } from './prices.ts';
import { US_EAST_1 } from './prices-us-east-1.ts';

describe('the price file', () => {
  const figures = [
    ...Object.values(US_EAST_1.instanceHour),
    ...Object.values(US_EAST_1.sqsMillion),
    ...Object.values(US_EAST_1.s3Thousand),
    US_EAST_1.s3GbMonth,
    US_EAST_1.ebsGp3GbMonth,
    US_EAST_1.egressGb,
  ];

  it.each(figures)('has the date and the source of $usd', ({ usd, asOf, source }) => {
    expect(usd).toBeGreaterThan(0);
    expect(asOf).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(source).toMatch(/^https:\/\/aws\.amazon\.com\//);
  });
});

describe('the prices that count', () => {
  it('are those of the price file in its own region', () => {
    expect(pricesFor('us-east-1')).toEqual(US_EAST_1_PRICES);
  });

  it('are unknown in another region', () => {
    expect(pricesFor('eu-central-1')).toEqual(NO_PRICES);
  });

  it('are the operator’s before all others', () => {
    const own = [
      ['c7g.large', 0.06],
      ['m9g.large/spot', 0.02],
      ['sqs', 0.41],
      ['sqs-fifo', 0.51],
      ['s3-put', 0.0054],
      ['s3-get', 0.00043],
    ] as const;
    expect(pricesFor('us-east-1', own).instanceHour).toMatchObject({
      'c7g.large': 0.06,
      'c7g.xlarge': 0.145,
      'm9g.large/spot': 0.02,
    });
    expect(pricesFor('eu-central-1', own)).toEqual({
      instanceHour: { 'c7g.large': 0.06, 'm9g.large/spot': 0.02 },
      sqsMillion: { standard: 0.41, fifo: 0.51 },
      s3Thousand: { put: 0.0054, get: 0.00043 },
    });
  });

  it.each([
    {
      text: 'c7g.large=0.0725, c7g.large/spot=.03,s3-put=1',
      value: [
        ['c7g.large', 0.0725],
        ['c7g.large/spot', 0.03],
        ['s3-put', 1],
      ],
    },
    { text: 'u-6tb1.56xlarge=46.4', value: [['u-6tb1.56xlarge', 46.4]] },
  ])('are read from "$text"', ({ text, value }) => {
    expect(parseOwnPrices(text)).toEqual({ value });
  });

  it.each([
    { text: 'c7g.large=0.0725,s3=1', wrong: 's3=1' },
    { text: 'c7g.large', wrong: 'c7g.large' },
    { text: 'c7g.large=-1', wrong: 'c7g.large=-1' },
    { text: 'c7g.large/on-demand=1', wrong: 'c7g.large/on-demand=1' },
    { text: 'c7g.large=1,', wrong: '' },
  ])('are not read from "$text"', ({ text, wrong }) => {
    expect(parseOwnPrices(text)).toEqual({
      wrong: `"${wrong}" is no price, such as c7g.large=0.0725`,
    });
  });
});

describe('the price of an hour', () => {
  const prices = pricesFor('us-east-1', [['c7g.large/spot', 0.03]]);
  const upperLimit = false;

  it.each([
    { type: 'c7g.large', market: 'on-demand', price: { usd: 0.0725, upperLimit } },
    { type: 'c7g.large', market: 'spot', price: { usd: 0.03, upperLimit } },
    { type: 'c8g.large', market: 'spot', price: { usd: 0.07976, upperLimit: true } },
    { type: 'm9g.large', market: 'on-demand', price: null },
    { type: 'm9g.large', market: 'spot', price: null },
  ] as const)('of $type, $market, is $price', ({ type, market, price }) => {
    expect(hourPrice(prices, type, market)).toEqual(price);
  });
});
