import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

const CWD = '/work';

test.each([
  ['', { requests: 2000, minutes: 10, seed: 1, maxWorkers: 3, bundles: undefined }],
  ['--requests 400 --minutes 2 --seed 7', { requests: 400, minutes: 2, seed: 7 }],
  ['--short --seed 3', { requests: 210, minutes: 1, seed: 3 }],
  ['--bundles dist/mutant', { bundles: '/work/dist/mutant' }],
  ['--history h.jsonl', { history: '/work/h.jsonl' }],
])('accepts "%s"', (line, expected) => {
  expect(parseOptions(line.split(' ').filter(Boolean), CWD)).toMatchObject({
    kind: 'run',
    ...expected,
  });
});

test('checks the history of an earlier run', () => {
  expect(parseOptions(['--check', 'h.jsonl'], CWD)).toEqual({
    kind: 'check',
    file: '/work/h.jsonl',
  });
});

test.each([
  ['--requests none', /--requests none: must be a whole number from 1/],
  ['--minutes 0', /--minutes 0: must be a number of at least 0.5/],
  ['--seed -1', /seed/],
  ['--requests 2000 --minutes 1', /must give 1 to 10 requests a second/],
  ['--check h.jsonl --seed 7', /--check cannot be combined with --seed/],
  ['--faster', /--faster/],
])('refuses %s', (line, reason) => {
  expect(() => parseOptions(line.split(' '), CWD)).toThrow(reason);
});
