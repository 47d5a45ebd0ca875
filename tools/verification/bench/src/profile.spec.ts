import { expect, test } from 'vitest';
import { packageOf, selfTimes } from './profile.ts';

const frame = (functionName: string, url: string) => ({
  scriptId: '1',
  functionName,
  url,
  lineNumber: 9,
  columnNumber: 0,
});

test('adds up self times by package and by function, without idle time', () => {
  const nodes = [
    { id: 1, callFrame: frame('(idle)', '') },
    { id: 2, callFrame: frame('send', 'file:///w/node_modules/@smithy/core/dist/a.js') },
    { id: 3, callFrame: frame('parse', 'file:///w/node_modules/@smithy/core/dist/b.js') },
    { id: 4, callFrame: frame('writev', '') },
  ];
  const profile = { nodes, samples: [1, 2, 3, 2, 4], timeDeltas: [9000, 1000, 1000, 1000, 1000] };
  expect(selfTimes(profile, new Map())).toEqual([
    '0.00 s of CPU on the main thread',
    '',
    'By package:',
    '  75.0 %  @smithy/core',
    '  25.0 %  (native)',
    '',
    'By function:',
    '  50.0 %  send dist/a.js:10',
    '  25.0 %  parse dist/b.js:10',
    '  25.0 %  writev',
  ]);
});

test.each([
  { source: '../../node_modules/hono/dist/x.js', name: 'hono' },
  { source: '../../../libs/aws/src/queue/x.ts', name: 'libs/aws' },
  { source: 'node:internal/timers', name: 'node:internal/timers' },
])('takes $source for a part of $name', ({ source, name }) => {
  expect(packageOf(source)).toBe(name);
});
