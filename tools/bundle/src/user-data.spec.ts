import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { userData } from './user-data.ts';

const boot = { app: 'worker', packAddress: 's3://packs/a.tar.gz', packSha256: 'ab12' } as const;
const withPrices = (prices: string) => userData({ ...boot, environment: { PRICES_USD: prices } });

test('is a script whose variables dotenv reads too, as the local cloud does', () => {
  const environment = {
    REQUEST_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/123456789012/labelfleet-requests',
    INPUT_BUCKET: 'labelfleet-input',
    PRICES_USD: 'c7g.large=0.06,c7g.large/spot=0.03',
  };
  const script = userData({ ...boot, environment });
  expect(script).toMatch(/^#!\/bin\/bash\n/);
  expect(parseEnv(script)).toMatchObject({
    ...environment,
    LABELFLEET_APP: 'worker',
    PACK_ADDRESS: 's3://packs/a.tar.gz',
    PACK_SHA256: 'ab12',
    PACK_FETCH_SECONDS: '150',
  });
});

test.each(['two words', 'a&b', '$(id)', '`id`', '"x"', "it's", 'a#b', 'a;b', 'a\nB=c', '~', '\\'])(
  'refuses a value that is not read alike everywhere: %j',
  (value) => {
    expect(() => withPrices(value)).toThrow(/^PRICES_USD is /);
  },
);

test('takes what CDK writes for a value that CloudFormation fills in', () => {
  expect(withPrices('${Token[Fn::Join.42]}/x')).toContain('PRICES_USD=${Token[Fn::Join.42]}/x\n');
});

test('refuses more than EC2 takes', () => {
  expect(() => withPrices('a'.repeat(16_384))).toThrow('EC2 takes 16384. Shorten a value.');
});
