import { CATALOG_ADDRESS } from '@labelfleet/inference/model-tools';
import { EXIT, type StartError } from '@labelfleet/runtime';
import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';

const from = new URL(CATALOG_ADDRESS);

it.each([
  [[], { command: 'help' }],
  [['pull', '--help'], { command: 'help' }],
  [['list'], { command: 'list' }],
  [['pull', 'resnet18-v1'], { command: 'pull', name: 'resnet18-v1', from }],
  [
    ['pull', 'm', '--to', 'd', '--from', 'http://mirror/zoo'],
    { command: 'pull', name: 'm', from: new URL('http://mirror/zoo/'), to: 'd' },
  ],
  [
    ['add', 'm.onnx', '--labels', 'l.txt', '--input-size', '64x64'],
    {
      ...{ command: 'add', file: 'm.onnx', background: false },
      texts: { labels: 'l.txt', 'input-size': '64x64' },
    },
  ],
  [['check'], { command: 'check', dirs: [] }],
  [['check', 'a', 'b'], { command: 'check', dirs: ['a', 'b'] }],
])('parses %j', (args, options) => {
  expect(parseOptions(args)).toEqual(options);
});

it.each([
  [['get'], 'There is no command "get".'],
  [['pull'], 'pull: no model is given.'],
  [['pull', 'a', 'b'], 'pull does not take b.'],
  [['pull', 'a', '--labels', 'l.txt'], 'pull does not take --labels.'],
  [['pull', 'a', '--from', 'ftp://x'], '--from ftp://x: must be an http or https URL.'],
  [['add'], 'add: no file is given.'],
  [['add', 'm.onnx', '--from', 'http://x'], 'add does not take --from.'],
  [['list', 'all'], 'list does not take all.'],
  [['check', '--to', 'd'], 'check does not take --to.'],
  [['list', '--jsno'], "Unknown option '--jsno'"],
])('refuses the command line %j', (args, message) => {
  const parse = () => parseOptions(args);
  expect(parse).toThrow(message);
  expect(parse).toThrow(expect.objectContaining({ exitCode: EXIT.usage }) as StartError);
});
