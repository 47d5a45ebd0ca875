import { expect, test } from 'vitest';
import { MODEL_MUTANTS } from './mutants.ts';
import { violationOf } from './run-model.ts';

// The models' own tests show that unchanged code has no violation.
test.concurrent.each(MODEL_MUTANTS)('the $model model finds that $name ($rule)', async (mutant) => {
  expect(await violationOf(mutant)).toMatch(/\w/);
});
