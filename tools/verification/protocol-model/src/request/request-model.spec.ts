import { describe, expect, test } from 'vitest';
import { explore } from '../explore.ts';
import { REQUEST_CASES } from './cases.ts';
import { requestModel } from './request-model.ts';
import { REQUEST_RULES, type RequestRule } from './rules.ts';

/** A larger number means that the state space is unbounded. */
const MOST_STATES = 100_000;

const rules = Object.keys(REQUEST_CASES) as RequestRule[];

describe.each(rules)('%s', (rule) => {
  const { bounds, breaks } = REQUEST_CASES[rule];

  test(`has a violation without it (${REQUEST_RULES[rule]})`, () => {
    const { violation } = explore(requestModel({ ...bounds, without: rule }), MOST_STATES);
    expect(violation?.what).toMatch(breaks);
    expect(violation?.trace.length).toBeGreaterThan(0);
  });

  test('has no violation with all rules within the same bounds', () => {
    expect(explore(requestModel(bounds), MOST_STATES)).toMatchObject({
      complete: true,
      violation: undefined,
    });
  });
});
