import { EXIT, type StartError } from '@labelfleet/runtime';
import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';

it.each([
  [['a.jpg'], { files: ['a.jpg'], topK: 1, json: false }],
  [['--json', 'a.jpg', 'b.png'], { files: ['a.jpg', 'b.png'], topK: 1, json: true }],
  [['a.jpg', '--top-k', '5'], { files: ['a.jpg'], topK: 5, json: false }],
  [['--model', 'm/1', 'a.jpg'], { files: ['a.jpg'], topK: 1, json: false, modelDir: 'm/1' }],
  [['--', '--json'], { files: ['--json'], topK: 1, json: false }],
  [['a.jpg', '--help'], 'help'],
])('%j', (args, options) => {
  expect(parseOptions(args)).toEqual(options);
});

it.each([
  [[], 'Which files?'],
  [['--top-k', '0', 'a.jpg'], '--top-k 0: must be a whole number from 1'],
  [['--top-k', 'many', 'a.jpg'], '--top-k many'],
  [['--jsno', 'a.jpg'], "Unknown option '--jsno'"],
])('%j is a wrong command line', (args, message) => {
  const parse = () => parseOptions(args);
  expect(parse).toThrow(message);
  expect(parse).toThrow(expect.objectContaining({ exitCode: EXIT.usage }) as StartError);
});
