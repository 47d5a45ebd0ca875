import { expect, test } from 'vitest';
import { parseObjectAddress } from './object-address.ts';

test.each([
  ['s3://state/access/api keys.json', { bucket: 'state', key: 'access/api keys.json' }],
  ['s3://state', undefined],
  ['s3://state/', undefined],
  ['/etc/keys.json', undefined],
  ['https://state/keys.json', undefined],
])('%s', (text, address) => {
  expect(parseObjectAddress(text)).toEqual(address);
});
