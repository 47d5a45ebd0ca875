import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rightsTable } from './rights-table.ts';

/** Prettier aligns the columns of a page's tables. */
const squeezed = (text: string) => text.replace(/-{3,}/g, '---').replace(/ +/g, ' ');

test('docs/aws.md has the rights that the roles get', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/aws.md'), 'utf8');
  expect(squeezed(page)).toContain(squeezed(rightsTable()));
});
