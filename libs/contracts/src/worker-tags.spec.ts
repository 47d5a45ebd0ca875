import { expect, test } from 'vitest';
import { makeInstructionId, isNewer, newestInstruction, WORKER_TAGS } from './worker-tags.ts';

const { drain, resume } = WORKER_TAGS;

test.each([
  ['no instruction', {}, undefined],
  ['a drain alone', { [drain]: '100-a' }, { kind: 'drain', id: '100-a' }],
  ['a resume alone', { [resume]: '100-a' }, { kind: 'resume', id: '100-a' }],
  [
    'a resume after a drain',
    { [drain]: '99-a', [resume]: '100-b' },
    { kind: 'resume', id: '100-b' },
  ],
  [
    'a drain after a resume',
    { [drain]: '101-a', [resume]: '100-b' },
    { kind: 'drain', id: '101-a' },
  ],
  [
    'sequences compared as numbers',
    { [drain]: '9-z', [resume]: '10-a' },
    { kind: 'resume', id: '10-a' },
  ],
])('from the tags of an instance: %s', (_, tags, expected) => {
  expect(newestInstruction(tags)).toEqual(expected);
});

test('a new instruction comes after the one before it, also when the clock stands still or was set back', () => {
  const first = makeInstructionId(undefined, 1000, 'a');
  const second = makeInstructionId(first, 1000, 'b');
  const third = makeInstructionId(second, 900, 'c');
  expect([first, second, third]).toEqual(['1000-a', '1001-b', '1002-c']);
});

test.each([
  ['any, after none', '1-a', undefined, true],
  ['a later one', '10-a', '9-z', true],
  ['the same', '9-a', '9-a', false],
  ['an earlier one', '9-a', '10-a', false],
])('an instruction is newer: %s', (_, id, thanId, newer) => {
  expect(isNewer({ kind: 'drain', id }, thanId)).toBe(newer);
});
