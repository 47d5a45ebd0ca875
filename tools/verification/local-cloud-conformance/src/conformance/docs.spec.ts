import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { allTables } from './suite.ts';

const DOCS = new URL('../../../../../docs/local-cloud.md', import.meta.url);
const cases = allTables.flatMap(({ title, cases }) => cases.map((each) => ({ title, ...each })));

test('gives every case a unique id', () => {
  const ids = cases.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test('has a row in docs/local-cloud.md for each case with its sentence and source', async () => {
  const rows = (await readFile(DOCS, 'utf8')).matchAll(
    /^\| `((?:sqs|s3|ec2)-[^`]+)` +\| (.*)\|$/gm,
  );
  const documented: Record<string, unknown> = Object.fromEntries(
    [...rows].map(([, id = '', cells = '']) => {
      const [behaviour = '', verdict = '', source = ''] = cells.split(' | ');
      expect(verdict.trim()).toMatch(/^(works|501|differs: .+)$/);
      return [id, [behaviour.trim(), /\((https:[^)]+)\)/.exec(source)?.[1]]];
    }),
  );
  const tested = cases.map(({ id, title, sentence, source }) => [
    id,
    [`${title} ${sentence}`, source],
  ]);
  expect(documented).toEqual(Object.fromEntries(tested));
});
