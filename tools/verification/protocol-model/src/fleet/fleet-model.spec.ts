import { expect, test } from 'vitest';
import { boundsOf } from '../bounds-of.ts';
import { explore } from '../explore.ts';
import { FLEET_BOOTS, FLEET_CASES } from './cases.ts';
import { fleetModel } from './fleet-model.ts';

/** More means that something grows without end. */
const MOST_STATES = 100_000;
/** Seconds each, but not where much else goes on. */
const TIMEOUT_MS = 180_000;

test.each([...boundsOf(FLEET_CASES), ...FLEET_BOOTS])(
  'with every rule nothing breaks within %j',
  (bounds) => {
    expect(explore(fleetModel(bounds), MOST_STATES)).toMatchObject({
      complete: true,
      violation: undefined,
    });
  },
  TIMEOUT_MS,
);
