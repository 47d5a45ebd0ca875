import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

test('the defaults are those of the course', () => {
  expect(parseOptions([], '/here')).toEqual({
    images: [10, 100],
    threads: 100,
    maxWorkers: 20,
    bootSeconds: 5,
    withinSeconds: 300,
    out: undefined,
  });
});

test('takes all options', () => {
  const args = '--images 2,6 --threads 3 --max-workers 4 --boot 0 --within 9 --out a/b'.split(' ');
  expect(parseOptions(args, '/here')).toEqual({
    images: [2, 6],
    threads: 3,
    maxWorkers: 4,
    bootSeconds: 0,
    withinSeconds: 9,
    out: '/here/a/b',
  });
  expect(parseOptions(['--help'], '/here')).toBe('help');
});

test.each([
  ['--images 10,x', '--images x: must be a whole number from 1'],
  ['--images 0', '--images 0: must be a whole number from 1'],
  ['--images 10,10', '--images 10,10: must be different numbers'],
  ['--images 1,1000', '--images 1,1000: must be at most 1000 images in all'],
  ['--threads 0', '--threads 0: must be a whole number from 1'],
  ['--boot soon', '--boot soon: must be a whole number from 0'],
])('refuses %s', (args, message) => {
  expect(() => parseOptions(args.split(' '), '/here')).toThrow(message);
});
