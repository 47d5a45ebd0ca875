import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { allTables, ec2Tables, iamTables, s3Tables, sqsTables } from './suite.ts';

const DOCS = new URL('../../../../../docs/local-cloud.md', import.meta.url);
const page = await readFile(DOCS, 'utf8');
const cases = allTables.flatMap(({ title, cases }) => cases.map((each) => ({ title, ...each })));

test('gives every case a unique id', () => {
  const ids = cases.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test('docs/local-cloud.md says how many cases there are', () => {
  const [all, sqs, s3, ec2, iam] = [allTables, sqsTables, s3Tables, ec2Tables, iamTables].map(
    (tables) => tables.flatMap((table) => table.cases).length,
  );
  expect(page).toContain(
    `${all} cases: ${sqs} of SQS, ${s3} of S3, ${ec2} of EC2 and ${iam} of policies.`,
  );
});

test('docs/local-cloud.md describes each case that differs from AWS by its own sentence', () => {
  const rows = [...page.matchAll(/^\| `((?:sqs|s3|ec2|iam)-[^`]+)` +\| ([^|]+) \| ([^|]+) \|$/gm)];
  expect(rows.length).toBeGreaterThan(10);
  for (const [, id, behaviour = '', onAws = ''] of rows) {
    const tested = cases.find((each) => each.id === id);
    expect(behaviour.trim()).toBe(`${tested?.title} ${tested?.sentence}`);
    expect(onAws.trim()).not.toBe('');
  }
});
