import { EXIT, type StartError } from '@labelfleet/runtime';
import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';

it.each([
  [['a.jpg'], { paths: ['a.jpg'], topK: 1, json: false }],
  [['--json', 'a.jpg', 'b.png'], { paths: ['a.jpg', 'b.png'], topK: 1, json: true }],
  [['a.jpg', '--top-k', '5'], { paths: ['a.jpg'], topK: 5, json: false }],
  [['--model', 'm/1', 'a.jpg'], { paths: ['a.jpg'], topK: 1, json: false, modelDir: 'm/1' }],
  [['--', '--json'], { paths: ['--json'], topK: 1, json: false }],
  [['a', '-', 'b'], { paths: ['a', '-', 'b'], topK: 1, json: false }],
  [['a.jpg', '--help'], 'help'],
])('parses %j', (args, options) => {
  expect(parseOptions(args)).toEqual(options);
});

it.each([
  [[], 'No file is given.'],
  [['--top-k', '0', 'a.jpg'], '--top-k 0: must be a whole number from 1'],
  [['--top-k', 'many', 'a.jpg'], '--top-k many'],
  [['-', 'a', '-'], 'Standard input can be read only once'],
  [['--jsno', 'a.jpg'], "Unknown option '--jsno'"],
])('refuses the command line %j', (args, message) => {
  const parse = () => parseOptions(args);
  expect(parse).toThrow(message);
  expect(parse).toThrow(expect.objectContaining({ exitCode: EXIT.usage }) as StartError);
});
