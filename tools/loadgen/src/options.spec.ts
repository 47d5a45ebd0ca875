import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

const needed = ['--url', 'http://127.0.0.1:8080/', '--images', 'photos'];

test('by default, sends each image once, ten at a time, in the field myfile', () => {
  expect(parseOptions(needed)).toEqual({
    url: new URL('http://127.0.0.1:8080/'),
    images: 'photos',
    requests: undefined,
    concurrency: 10,
    field: 'myfile',
    expectFile: undefined,
    outputFile: undefined,
    idempotencyKeys: false,
    timeoutMs: 330_000,
  });
});

test('parses every option', () => {
  const args =
    '--requests 100 --concurrency 30 --field f --expect e.csv --output o.csv --timeout 1.5 --idempotency-keys';
  expect(parseOptions([...needed, ...args.split(' ')])).toMatchObject({
    requests: 100,
    concurrency: 30,
    field: 'f',
    expectFile: 'e.csv',
    outputFile: 'o.csv',
    idempotencyKeys: true,
    timeoutMs: 1500,
  });
});

test('returns help for --help', () => {
  expect(parseOptions(['--help'])).toBe('help');
});

test.each([
  { args: ['--images', 'photos'], fault: '--url is missing' },
  { args: ['--url', 'http://h/'], fault: '--images is missing' },
  { args: ['--url', 'ftp://h/', '--images', 'i'], fault: '--url ftp://h/: must be an http' },
  { args: ['--url', 'nonsense', '--images', 'i'], fault: '--url nonsense: must be an http' },
  { args: [...needed, '--requests', '0'], fault: '--requests 0: must be a whole number from 1' },
  { args: [...needed, '--concurrency', '1.5'], fault: '--concurrency 1.5: must be' },
  { args: [...needed, '--timeout', 'soon'], fault: '--timeout soon: must be a number of seconds' },
  { args: [...needed, '--concurency', '3'], fault: "Unknown option '--concurency'" },
])('refuses a command line with the usage: $fault', ({ args, fault }) => {
  expect(() => parseOptions(args)).toThrow(fault);
  expect(() => parseOptions(args)).toThrow('usage: npm run loadgen');
});
