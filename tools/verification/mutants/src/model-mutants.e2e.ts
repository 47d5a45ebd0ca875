import { expect, test } from 'vitest';
import { MODEL_MUTANTS } from './mutants.ts';
import { violationOf } from './run-model.ts';

// That nothing is found where nothing is mutated is what the models' own tests say.
test.concurrent.each(MODEL_MUTANTS)('the $model model finds that $name ($rule)', async (mutant) => {
  expect(await violationOf(mutant)).toMatch(/\w/);
});
