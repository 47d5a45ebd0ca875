import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FLEET_CASES } from './fleet/cases.ts';
import { FLEET_RULES } from './fleet/rules.ts';
import { REQUEST_CASES } from './request/cases.ts';
import { REQUEST_RULES } from './request/rules.ts';

const page = await readFile(join(import.meta.dirname, '../../../../docs/protocol.md'), 'utf8');

/** The rows of the page's tables: switch, rule, and the violation without it. */
const rows = page
  .split('\n')
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | *\|$/g, '').trim()))
  .filter(([name = '']) => /^`\w+`$/.test(name));

const rules = [
  ...Object.entries(REQUEST_RULES).map(([name, text]) => ({ name, text })),
  ...Object.entries(FLEET_RULES).map(([name, text]) => ({ name, text })),
];
const cases = [...Object.values(REQUEST_CASES), ...Object.values(FLEET_CASES)];

test('lists in docs/protocol.md every switch with its rule and the violation without it, and no other', () => {
  expect(rows.map(([name, text]) => ({ name, text }))).toEqual(
    rules.map(({ name, text }) => ({ name: `\`${name}\``, text })),
  );
  const broken = rows.map(([, , what = ''], at) => ({ what, breaks: cases[at]?.breaks ?? /^$/ }));
  expect(broken.filter(({ what, breaks }) => !breaks.test(what))).toEqual([]);
});
