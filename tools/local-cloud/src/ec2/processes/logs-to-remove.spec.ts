import { expect, test } from 'vitest';
import { logsToRemove } from './logs-to-remove.ts';

const files = [
  { name: 'i-1.log', writtenMs: 9 },
  { name: 'i-1.log.1', writtenMs: 1 },
  { name: 'i-2.log', writtenMs: 2 },
  { name: 'i-3.log', writtenMs: 3 },
  { name: 'i-3.log.1', writtenMs: 3 },
  { name: 'i-4.log', writtenMs: 4 },
  { name: 'notes.txt', writtenMs: 0 },
];

test('the logs written last are kept, with their older lines, and nothing else is touched', () => {
  expect(logsToRemove(files, new Set(), 2)).toEqual(['i-2.log', 'i-3.log', 'i-3.log.1']);
});

test('the logs of running instances are kept, however old, and do not count', () => {
  expect(logsToRemove(files, new Set(['i-2']), 1)).toEqual(['i-3.log', 'i-3.log.1', 'i-4.log']);
});

test('nothing is removed while there are few', () => {
  expect(logsToRemove(files, new Set(), 4)).toEqual([]);
});
