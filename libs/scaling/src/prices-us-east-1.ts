/** One price with its source and date. */
export interface Figure {
  readonly usd: number;
  /** The day the price was read: prices change, mostly downwards. */
  readonly asOf: string;
  readonly source: string;
}

const asOf = '2026-07-20';
const ec2 = (usd: number): Figure => ({
  usd,
  asOf,
  source: 'https://aws.amazon.com/ec2/pricing/on-demand/',
});
const sqs = (usd: number): Figure => ({
  usd,
  asOf,
  source: 'https://aws.amazon.com/sqs/pricing/',
});
const s3 = (usd: number): Figure => ({
  usd,
  asOf,
  source: 'https://aws.amazon.com/s3/pricing/',
});

/** The price file: list prices of AWS in us-east-1, without free tiers, discounts and taxes. */
export const US_EAST_1 = {
  region: 'us-east-1',
  /** An hour of Linux, on demand, by instance type. Spot has no fixed price. */
  instanceHour: {
    'c7g.large': ec2(0.0725),
    'c7g.xlarge': ec2(0.145),
    'c7i.large': ec2(0.08925),
    'c8g.large': ec2(0.07976),
    't3.micro': ec2(0.0104),
  },
  /** A million requests; each 64 KB of payload counts as one. */
  sqsMillion: { standard: sqs(0.4), fifo: sqs(0.5) },
  /** A thousand calls: PUT, COPY, POST and LIST; GET and all others. S3 Standard. */
  s3Thousand: { put: s3(0.005), get: s3(0.0004) },
  /** A gigabyte stored for a month, at the price of the first 50 TB, which is the highest. S3 Standard. */
  s3GbMonth: s3(0.023),
  ebsGp3GbMonth: {
    usd: 0.08,
    asOf,
    source: 'https://aws.amazon.com/ebs/pricing/',
  } satisfies Figure,
  /** A gigabyte of data transfer to the internet. */
  egressGb: ec2(0.09),
} as const;
