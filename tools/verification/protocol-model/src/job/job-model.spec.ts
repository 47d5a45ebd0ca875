import { describe, expect, test } from 'vitest';
import { explore } from '../explore.ts';
import { JOB_CASES } from './cases.ts';
import { jobModel } from './job-model.ts';
import { JOB_RULES, type JobRule } from './rules.ts';

/** A larger number means that the state space is unbounded. */
const MOST_STATES = 100_000;

const rules = Object.keys(JOB_CASES) as JobRule[];

describe.each(rules)('%s', (rule) => {
  const { bounds, breaks } = JOB_CASES[rule];

  test(`has a violation without it (${JOB_RULES[rule]})`, () => {
    const { violation } = explore(jobModel({ ...bounds, without: rule }), MOST_STATES);
    expect(violation?.what).toMatch(breaks);
    expect(violation?.trace.length).toBeGreaterThan(0);
  });

  test('has no violation with all rules within the same bounds', () => {
    expect(explore(jobModel(bounds), MOST_STATES)).toMatchObject({
      complete: true,
      violation: undefined,
    });
  });
});
