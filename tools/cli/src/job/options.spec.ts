import { EXIT } from '@labelfleet/runtime';
import { describe, expect, test } from 'vitest';
import { parseOptions } from './options.ts';

const ID = '0192f0c1-7a8b-7c3d-9e4f-5a6b7c8d9e0f';

const DEFAULTS = {
  ...{ command: 'run', dryRun: false, include: [], exclude: [], topK: 1, new: false },
};

test.each([
  ['s3://photos/2026/', { kind: 'prefix', prefix: 's3://photos/2026/' }],
  ['s3://photos', { kind: 'prefix', prefix: 's3://photos' }],
  ['s3://photos/Bär und 日本/', { kind: 'prefix', prefix: 's3://photos/Bär und 日本/' }],
  ['s3://photos/list.jsonl', { kind: 'manifest', address: 's3://photos/list.jsonl' }],
  ['lists/all.jsonl', { kind: 'local-manifest', file: 'lists/all.jsonl' }],
  ['./holiday', { kind: 'folder', folder: './holiday' }],
])('%s is a source', (argument, source) => {
  expect(parseOptions([argument])).toEqual({ ...DEFAULTS, source });
});

test('a job has the options that it is given', () => {
  const args = 's3://photos/ --include *.jpg --include *.png --exclude *raw* --top-k 3 --new';
  const more = '--min-precision 0.9 --within 2h --max-cost 5 --notify shop --url http://127.0.0.1/';
  const where = '--destination s3://results/2026/ --out labels.csv --dry-run';
  expect(parseOptions(`${args} ${more} ${where}`.split(' '))).toEqual({
    ...DEFAULTS,
    source: { kind: 'prefix', prefix: 's3://photos/' },
    include: ['*.jpg', '*.png'],
    exclude: ['*raw*'],
    topK: 3,
    minPrecision: 0.9,
    completeWithinSeconds: 7200,
    maxCostUsd: 5,
    notify: 'shop',
    url: new URL('http://127.0.0.1/'),
    destination: 's3://results/2026/',
    out: { file: 'labels.csv', format: 'csv' },
    dryRun: true,
    new: true,
  });
});

test.each([
  ['90s', 90],
  ['45m', 2700],
  ['1.5h', 5400],
  ['1d', 86_400],
])('--within %s is %i seconds', (time, seconds) => {
  const options = parseOptions(['s3://photos/', '--within', time]);
  expect(options).toMatchObject({ completeWithinSeconds: seconds });
});

test.each([
  [['status', ID], { command: 'status', id: ID }],
  [['cancel', ID], { command: 'cancel', id: ID }],
  [['list'], { command: 'list' }],
  [['results', ID], { command: 'results', id: ID, format: 'jsonl' }],
  [['errors', ID, '--out', 'a.csv'], { command: 'errors', id: ID, format: 'csv', file: 'a.csv' }],
  [['results', ID, '--format', 'csv'], { command: 'results', id: ID, format: 'csv' }],
  [['--help'], 'help'],
])('%j is a command', (args, options) => {
  expect(parseOptions(args)).toEqual(options);
});

describe('a wrong command line says what to do:', () => {
  test.each([
    [[], 'Give s3://BUCKET/PREFIX or a folder'],
    [['a', 'b'], 'Give one source'],
    [['s3://Photos/'], 'Give s3://BUCKET/PREFIX'],
    [['s3:///key'], 'Give s3://BUCKET/PREFIX'],
    [['a', '--out', 'labels.txt'], 'name a file .jsonl or .csv'],
    [['a', '--format', 'xml'], 'must be jsonl or csv'],
    [['a', '--top-k', '11'], 'must be 10 at most'],
    [['a', '--min-precision', '1'], 'must be a number from 0.5 to 0.99'],
    [['a', '--within', '2'], 'give a time such as 90s'],
    [['a', '--within', '0s'], 'give a time such as 90s'],
    [['a', '--max-cost=-1'], 'give an amount in USD'],
    [['a', '--max-cost=free'], 'give an amount in USD'],
    [['status'], 'Give the id of one job'],
    [['cancel', 'all'], 'all is not a job id'],
    [['list', 'all'], 'list takes no arguments'],
    [['a', '--outt', 'x'], "Unknown option '--outt'"],
  ])('%j', (args, text) => {
    expect(() => parseOptions(args)).toThrow(text);
    expect(() => parseOptions(args)).toThrow(
      expect.objectContaining({ exitCode: EXIT.usage }) as Error,
    );
  });
});
