import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const parse = (line: string) => parseOptions(line.split(' '), { API_KEYS_FILE: 'keys.json' }, NOW);

test.each([
  ['add', 'give exactly one caller'],
  ['add a shop', 'give exactly one caller'],
  ['add shop.example', 'cannot be a caller'],
  ['add shop --images-per-day 0', 'must be a whole number from 1'],
  ['add shop --daily-budget-usd free', 'must be an amount'],
  ['add shop --expires tomorrow', 'must be like 2027-01-31 or 90d'],
  ['add shop --expires 2020-01-01', 'that time has passed'],
  ['add shop --limit 3', "Unknown option '--limit'"],
  ['list shop', 'list takes no argument'],
  ['list --images-per-day 3', 'edit the file'],
  ['revoke', 'give exactly one id'],
  ['rotate', 'There is no command "rotate"'],
])('%s: %s', (line, said) => {
  expect(() => parse(line)).toThrow(said);
});

test.each([
  ['90d', '2027-02-24T12:00:00.000Z'],
  ['2027-01-31', '2027-01-31T00:00:00.000Z'],
  ['2027-01-31T12:00:00+02:00', '2027-01-31T10:00:00.000Z'],
])('--expires %s is %s', (when, expiresAt) => {
  expect(parse(`add shop --expires ${when}`)).toMatchObject({ limits: { expiresAt } });
});

test('--file replaces API_KEYS_FILE', () => {
  expect(parse('list --file other.json')).toEqual({ command: 'list', file: 'other.json' });
});
