import { EXIT, type StartError } from '@labelfleet/runtime';
import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';

it.each([
  [['--data', 'd'], { data: 'd', json: false }],
  [
    ['--data', 'd', '--model', 'm', '--threads', '4', '--json'],
    { data: 'd', json: true, modelDir: 'm', threads: 4 },
  ],
  [['--help'], 'help'],
])('parses %j', (args, options) => {
  expect(parseOptions(args)).toEqual(options);
});

it.each([
  [[], '--data is missing.'],
  [['--data', 'd', '--threads', '0'], '--threads 0: must be a whole number from 1 to 999.'],
  [['d'], "Unexpected argument 'd'"],
])('refuses the command line %j', (args, message) => {
  const parse = () => parseOptions(args);
  expect(parse).toThrow(message);
  expect(parse).toThrow(expect.objectContaining({ exitCode: EXIT.usage }) as StartError);
});
