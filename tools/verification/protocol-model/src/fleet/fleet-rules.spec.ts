import { expect, test } from 'vitest';
import { explore } from '../explore.ts';
import { FLEET_BOOTS, FLEET_CASES } from './cases.ts';
import { fleetModel } from './fleet-model.ts';
import { FLEET_RULES, type FleetRule } from './rules.ts';

/** A larger number means that the state space is unbounded. */
const MOST_STATES = 100_000;
/** Seconds each, but longer on a busy machine. */
const TIMEOUT_MS = 180_000;

const rules = Object.keys(FLEET_CASES) as FleetRule[];

test.each(rules.map((rule) => ({ rule, what: FLEET_RULES[rule] })))(
  'has a violation without $rule ($what)',
  ({ rule }) => {
    const { bounds, breaks } = FLEET_CASES[rule];
    const { violation } = explore(fleetModel({ ...bounds, without: rule }), MOST_STATES);
    expect(violation?.what).toMatch(breaks);
    expect(violation?.trace.length).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

test('terminates a boot that has come up and works without noDrainTimeout', () => {
  const [bounds = FLEET_CASES.noDrainTimeout.bounds] = FLEET_BOOTS;
  const { violation } = explore(fleetModel({ ...bounds, without: 'noDrainTimeout' }), MOST_STATES);
  expect(violation?.what).toMatch(FLEET_CASES.noDrainTimeout.breaks);
});
