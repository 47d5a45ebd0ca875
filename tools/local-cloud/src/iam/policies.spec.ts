import { StartError } from '@labelfleet/runtime';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

import { readPolicies } from './policies.ts';

const folder = mkdtempSync(join(tmpdir(), 'policies-'));
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: string) {
  const file = join(folder, 'policies.json');
  writeFileSync(file, content);
  return readPolicies(file);
}
const withStatement = (statement: object) =>
  JSON.stringify({ accessKeys: { gateway: { Statement: statement } } });
const statement = { Effect: 'Allow', Action: 's3:*', Resource: '*' };

test('reads policies of access keys and of instance profiles', () => {
  const policy = { Version: '2012-10-17', Statement: [statement] };
  const profiles = { worker: { role: 'worker-role', policy } };
  const policies = read(JSON.stringify({ accessKeys: { gateway: policy }, profiles }));
  expect(policies.accessKeys['gateway']?.Statement).toMatchObject([{ Action: ['s3:*'] }]);
  expect(policies.profiles['worker']).toMatchObject({ role: 'worker-role' });
});

test.each([
  ['no JSON', '{', /cannot be read as JSON/],
  ['another field', '{"users": {}}', /users/],
  [
    'an operator that is not evaluated',
    withStatement({ ...statement, Condition: { IpAddress: {} } }),
    /IpAddress is not evaluated here\s+→ at accessKeys\.gateway\.Statement\[0\]\.Condition/,
  ],
  ['NotResource', withStatement({ ...statement, NotResource: '*' }), /NotResource/],
  ['no action', withStatement({ Effect: 'Allow', Resource: '*' }), /Action\[0\]/],
])('names the fault of a file with %s', (_, content, reason) => {
  expect(() => read(content)).toThrow(StartError);
  expect(() => read(content)).toThrow(reason);
});

test('names a file that is not there', () => {
  expect(() => readPolicies('/no/such/file')).toThrow('/no/such/file cannot be read');
});
