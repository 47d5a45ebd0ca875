import { expect, test } from 'vitest';

import { checkBucketName } from './bucket-name.ts';

test.each(['abc', '123', 'a-b.c', 'my.bucket-1', 'a'.repeat(63), '1.2.3', '1.2.3.4.5', 'xn-1'])(
  'S3 takes %s',
  (name) => {
    expect(() => checkBucketName(name)).not.toThrow();
  },
);

test.each([
  ['ab', 'shorter than 3'],
  ['a'.repeat(64), 'longer than 63'],
  ['Abc', 'an upper-case letter'],
  ['a_b', 'an underscore'],
  ['bücket', 'a letter beyond ASCII'],
  ['a b', 'a space'],
  ['-abc', 'a hyphen first'],
  ['abc-', 'a hyphen last'],
  ['.abc', 'a dot first'],
  ['abc.', 'a dot last'],
  ['a..b', 'two dots in a row'],
  ['192.168.0.1', 'the form of an IP address'],
  ['999.999.999.999', 'the form of an IP address'],
  ['xn--abc', 'a prefix that is reserved'],
  ['sthree-abc', 'a prefix that is reserved'],
  ['sthree-configurator-1', 'a prefix that is reserved'],
  ['amzn-s3-demo-bucket', 'a prefix that is reserved'],
  ['abc-s3alias', 'a suffix that is reserved'],
  ['abc--ol-s3', 'a suffix that is reserved'],
  ['abc.mrap', 'a suffix that is reserved'],
  ['abc--x-s3', 'a suffix that is reserved'],
  ['abc--table-s3', 'a suffix that is reserved'],
])('S3 refuses %s: %s', (name) => {
  expect(() => checkBucketName(name)).toThrow('The specified bucket is not valid.');
});
