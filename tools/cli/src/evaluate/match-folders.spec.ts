import { expect, it } from 'vitest';
import { matchFolders } from './match-folders.ts';

const classList = ['ox', 'crane', 'bee', 'crane'].map((label, row) => ({ id: `n${row}`, label }));

it.each([
  ['matches by label', ['bee', 'ox'], ['ox', 'bee'], { bee: 1, ox: 0 }, []],
  ['matches by id, in any order of labels', ['n0', 'n2'], ['bee', 'ox'], { n0: 1, n2: 0 }, []],
  [
    'matches by id when two classes share a label',
    ['n1', 'n3'],
    ['ox', 'crane', 'bee', 'crane'],
    { n1: 1, n3: 3 },
    [],
  ],
  [
    'matches nothing when the model has no such class',
    ['n0', 'n9', 'bees'],
    ['ox'],
    { n0: 0 },
    ['n9', 'bees'],
  ],
])('%s', (_, folders, labels, classes, unknown) => {
  expect(matchFolders(folders, labels, classList)).toEqual({
    classes: new Map(Object.entries(classes)),
    unknown,
  });
});
