import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mutate } from './mutate.ts';
import { MODEL_MUTANTS, RUN_MUTANTS, type Mutant } from './mutants.ts';
import { WORKSPACE } from './workspace.ts';

test.each<Mutant>([...MODEL_MUTANTS, ...RUN_MUTANTS])(
  'the text of the mutant "$name" is in its file, once',
  async (mutant) => {
    const source = await readFile(join(WORKSPACE, mutant.file), 'utf8');
    expect(mutate(source, mutant)).toContain(mutant.replace);
    expect(mutate(source, mutant)).not.toBe(source);
  },
);

describe('a mutant whose source text', () => {
  const mutant = { name: 'm', rule: 'P1', file: 'f.ts', find: 'a()', replace: 'b()' };
  test.each([
    ['is gone', 'c()', '0 times'],
    ['is there twice', 'a(); a()', '2 times'],
  ])('%s is an error', (_, source, times) => {
    expect(() => mutate(source, mutant)).toThrow(`mutant "m": its text is in f.ts ${times}`);
  });
});
