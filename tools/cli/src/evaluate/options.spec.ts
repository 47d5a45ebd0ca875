import { EXIT, type StartError } from '@labelfleet/runtime';
import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';

it.each([
  [['--data', 'd'], { data: 'd', json: false, save: false, share: 0.1 }],
  [
    ['--data', 'd', '--model', 'm', '--threads', '4', '--json'],
    { data: 'd', json: true, save: false, share: 0.1, modelDir: 'm', threads: 4 },
  ],
  [
    ['--data', 'd', '--none-of-these', 'o', '--share', '0.3', '--save'],
    { data: 'd', json: false, save: true, share: 0.3, noneOfThese: 'o' },
  ],
  [['--help'], 'help'],
])('parses %j', (args, options) => {
  expect(parseOptions(args)).toEqual(options);
});

it.each([
  [[], '--data is missing.'],
  [['--data', 'd', '--threads', '0'], '--threads 0: must be a whole number from 1 to 999.'],
  [['--data', 'd', '--share', '1'], '--share 1: must be a number between 0 and 1.'],
  [['d'], "Unexpected argument 'd'"],
])('refuses the command line %j', (args, message) => {
  const parse = () => parseOptions(args);
  expect(parse).toThrow(message);
  expect(parse).toThrow(expect.objectContaining({ exitCode: EXIT.usage }) as StartError);
});
