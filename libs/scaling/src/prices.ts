import { US_EAST_1 } from './prices-us-east-1.ts';

export type Market = 'on-demand' | 'spot';

/** The prices of AWS, in USD. A missing price is unknown and never guessed. */
export interface Prices {
  /** An hour of an instance, by `type`, on demand, and by `type/spot`. */
  readonly instanceHour: Readonly<Record<string, number>>;
  /** A million requests of SQS. */
  readonly sqsMillion: { readonly standard: number | null; readonly fifo: number | null };
  /** A thousand calls of S3: those priced as PUT, those priced as GET. */
  readonly s3Thousand: { readonly put: number | null; readonly get: number | null };
}

export const NO_PRICES: Prices = {
  instanceHour: {},
  sqsMillion: { standard: null, fifo: null },
  s3Thousand: { put: null, get: null },
};

export const US_EAST_1_PRICES: Prices = {
  instanceHour: Object.fromEntries(
    Object.entries(US_EAST_1.instanceHour).map(([type, { usd }]) => [type, usd]),
  ),
  sqsMillion: {
    standard: US_EAST_1.sqsMillion.standard.usd,
    fifo: US_EAST_1.sqsMillion.fifo.usd,
  },
  s3Thousand: { put: US_EAST_1.s3Thousand.put.usd, get: US_EAST_1.s3Thousand.get.usd },
};

/** A price set by the operator, by name: see `pricesFor`. */
export type OwnPrice = readonly [name: string, usd: number];

/**
 * The effective prices: the operator's own prices override those of the price file, which is valid for us-east-1
 * only.
 * @param own by `sqs`, `sqs-fifo` (a million), `s3-put`, `s3-get` (a thousand); any other name is an instance type
 * or `type/spot` (an hour)
 */
export function pricesFor(region: string, own: readonly OwnPrice[] = []): Prices {
  const known = region === US_EAST_1.region ? US_EAST_1_PRICES : NO_PRICES;
  const { sqs, 'sqs-fifo': fifo, 's3-put': put, 's3-get': get, ...hours } = Object.fromEntries(own);
  return {
    instanceHour: { ...known.instanceHour, ...hours },
    sqsMillion: {
      standard: sqs ?? known.sqsMillion.standard,
      fifo: fifo ?? known.sqsMillion.fifo,
    },
    s3Thousand: { put: put ?? known.s3Thousand.put, get: get ?? known.s3Thousand.get },
  };
}

const OWN_PRICE = /^(sqs|sqs-fifo|s3-put|s3-get|[a-z0-9-]+\.[a-z0-9-]+(?:\/spot)?)=(\d*\.?\d+)$/;

/** Reads `c7g.large=0.0725,c7g.large/spot=0.03,s3-put=0.0054`. */
export function parseOwnPrices(text: string): { value: OwnPrice[] } | { wrong: string } {
  const value: OwnPrice[] = [];
  for (const part of text.split(',').map((each) => each.trim())) {
    const [, name, usd] = OWN_PRICE.exec(part) ?? [];
    if (name === undefined || usd === undefined)
      return { wrong: `"${part}" is no price, such as c7g.large=0.0725` };
    value.push([name, Number(usd)]);
  }
  return { value };
}

/** An hour's price, which may be an upper limit. */
export interface HourPrice {
  usd: number;
  /** True for a Spot instance without a known Spot price, which costs at most the on-demand price. */
  upperLimit: boolean;
}

/**
 * The price of an hour of an instance; null if unknown. The Spot price changes with supply and demand, and never
 * exceeds the on-demand price (docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-instances-history.html).
 */
export function hourPrice(prices: Prices, type: string, market: Market): HourPrice | null {
  const onDemand = prices.instanceHour[type];
  const spot = market === 'spot' ? prices.instanceHour[`${type}/spot`] : undefined;
  const usd = spot ?? onDemand;
  if (usd === undefined) return null;
  return { usd, upperLimit: market === 'spot' && spot === undefined };
}
