import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FLEET_RULES } from './fleet/rules.ts';
import { JOB_RULES } from './job/rules.ts';
import { USAGE } from './options.ts';
import { REQUEST_RULES } from './request/rules.ts';

const page = await readFile(join(import.meta.dirname, '../../../../docs/protocol.md'), 'utf8');
const rules = [REQUEST_RULES, FLEET_RULES, JOB_RULES].flatMap((each) => Object.entries(each));

test('docs/protocol.md numbers its rules as the models do, and every rule has a switch', () => {
  const documented = [...page.matchAll(/^\*\*([PFJ]\d+) /gm)].map(([, number]) => number);
  const modelled = rules.map(([, text]) => /^[PFJ]\d+/.exec(text)?.[0]);
  expect(documented).toEqual([...new Set(modelled)]);
});

test.each(rules)('--help says which rule the switch %s leaves out', (name, text) => {
  const lines = USAGE.split('\n').map((line) => line.replace(/ +/g, ' '));
  expect(lines.filter((line) => line.endsWith(` ${name} ${text}`))).toHaveLength(1);
});

test('docs/protocol.md names only switches that exist', () => {
  const named = [...page.matchAll(/--without (\w+)/g)].map(([, name]) => name);
  expect(rules.map(([name]) => name)).toEqual(expect.arrayContaining(named));
  expect(named.length).toBeGreaterThan(0);
});
