import { expect, test } from 'vitest';
import { makeInstructionId, isNewer, newestInstruction, WORKER_TAGS } from './worker-tags.ts';

const { drain, resume } = WORKER_TAGS;

test.each([
  ['no instruction', {}, undefined],
  ['only a drain', { [drain]: '100-a' }, { kind: 'drain', id: '100-a' }],
  ['only a resume', { [resume]: '100-a' }, { kind: 'resume', id: '100-a' }],
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
])('newestInstruction finds %s', (_, tags, expected) => {
  expect(newestInstruction(tags)).toEqual(expected);
});

test('makeInstructionId increases the sequence although the clock stops or goes back', () => {
  const first = makeInstructionId(undefined, 1000, 'a');
  const second = makeInstructionId(first, 1000, 'b');
  const third = makeInstructionId(second, 900, 'c');
  expect([first, second, third]).toEqual(['1000-a', '1001-b', '1002-c']);
});

test.each([
  ['the first instruction', '1-a', undefined, true],
  ['a later instruction', '10-a', '9-z', true],
  ['the same instruction', '9-a', '9-a', false],
  ['an earlier instruction', '9-a', '10-a', false],
])('isNewer for %s', (_, id, thanId, newer) => {
  expect(isNewer({ kind: 'drain', id }, thanId)).toBe(newer);
});
