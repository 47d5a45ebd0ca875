import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { ec2Actions } from '../ec2/ec2-api.ts';
import { s3Actions } from '../s3/s3-api.ts';
import { sqsActions } from '../sqs/sqs-api.ts';
import { kinds } from './fault.ts';
import { Faults } from './faults.ts';

const page = await readFile(
  new URL('../../../../docs/local-cloud-faults.md', import.meta.url),
  'utf8',
);
const examples = [...page.matchAll(/_local\/faults -d '(.*)'$/gm)].map(([, json = '']) => json);

test.each(examples)('accepts the documented fault %s', (json) => {
  const faults = new Faults([...sqsActions, ...s3Actions, ...ec2Actions]);
  expect(faults.set(JSON.parse(json))).toMatchObject({ kind: 'set' });
});

test.each(kinds)('finds an example of the kind %s in the documentation', (kind) => {
  expect(page).toContain(`| \`${kind}\``);
  expect(examples.join()).toContain(`"kind": "${kind}"`);
});
