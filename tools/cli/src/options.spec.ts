import { EXIT, type StartError } from '@labelfleet/runtime';
import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';

it.each([
  [['a.jpg'], { paths: ['a.jpg'], topK: 1, format: 'tsv' }],
  [['--json', 'a.jpg', 'b.png'], { paths: ['a.jpg', 'b.png'], topK: 1, format: 'json' }],
  [['a.jpg', '--top-k', '5'], { paths: ['a.jpg'], topK: 5, format: 'tsv' }],
  [['--model', 'm/1', 'a.jpg'], { paths: ['a.jpg'], topK: 1, format: 'tsv', modelDir: 'm/1' }],
  [['--csv', 'a.jpg'], { paths: ['a.jpg'], topK: 1, format: 'csv' }],
  [
    ['--url', 'http://labels/', '--output', 'labels.tsv', 's3://photos/a.jpg'],
    {
      paths: ['s3://photos/a.jpg'],
      topK: 1,
      format: 'tsv',
      url: new URL('http://labels/'),
      outputFile: 'labels.tsv',
    },
  ],
  [
    ['--min-precision', '0.9', 'a.jpg'],
    { paths: ['a.jpg'], topK: 1, format: 'tsv', minPrecision: 0.9 },
  ],
  [['--', '--json'], { paths: ['--json'], topK: 1, format: 'tsv' }],
  [['a', '-', 'b'], { paths: ['a', '-', 'b'], topK: 1, format: 'tsv' }],
  [['a.jpg', '--help'], 'help'],
])('parses %j', (args, options) => {
  expect(parseOptions(args)).toEqual(options);
});

it.each([
  [[], 'No file is given.'],
  [['--top-k', '0', 'a.jpg'], '--top-k 0: must be a whole number from 1'],
  [['--top-k', 'many', 'a.jpg'], '--top-k many'],
  [['--min-precision', '90', 'a'], '--min-precision 90: must be a number from 0.5 to 0.99.'],
  [['-', 'a', '-'], 'Standard input can be read only once'],
  [['--csv', '--json', 'a.jpg'], 'Give --csv or --json, not both.'],
  [['--url', 'labels', 'a.jpg'], '--url labels: must be an http:// or https:// URL'],
  [['--url', 'http://labels/', '--model', 'm/1', 'a.jpg'], '--model has no effect with --url'],
  [['s3://photos/a.jpg'], 's3://photos/a.jpg: only the service reads from buckets'],
  [['--jsno', 'a.jpg'], "Unknown option '--jsno'"],
])('refuses the command line %j', (args, message) => {
  const parse = () => parseOptions(args);
  expect(parse).toThrow(message);
  expect(parse).toThrow(expect.objectContaining({ exitCode: EXIT.usage }) as StartError);
});
