import { expect, test } from 'vitest';
import { boundsOf } from '../cases.ts';
import { explore } from '../explore.ts';
import { FLEET_BOOTS, FLEET_CASES } from './cases.ts';
import { fleetModel } from './fleet-model.ts';

/** A larger number means that the state space is unbounded. */
const MOST_STATES = 100_000;
/** Seconds each, but longer on a busy machine. */
const TIMEOUT_MS = 180_000;

test.each([...boundsOf(FLEET_CASES), ...FLEET_BOOTS])(
  'has no violation with all rules within %j',
  (bounds) => {
    expect(explore(fleetModel(bounds), MOST_STATES)).toMatchObject({
      complete: true,
      violation: undefined,
    });
  },
  TIMEOUT_MS,
);
