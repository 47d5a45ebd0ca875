import { expect, test } from 'vitest';
import { explore } from '../explore.ts';
import { FLEET_CASES } from './cases.ts';
import { fleetModel } from './fleet-model.ts';
import type { FleetBounds } from './state.ts';

/** More means that something grows without end. */
const MOST_STATES = 100_000;
/** Seconds each, but not where much else goes on. */
const TIMEOUT_MS = 180_000;

/** Several rules are there for the same. */
const all = new Map<string, FleetBounds>(
  Object.values(FLEET_CASES).map(({ bounds }) => [JSON.stringify(bounds), bounds]),
);

test.each([...all.values()])(
  'with every rule nothing breaks within %j',
  (bounds) => {
    expect(explore(fleetModel(bounds), MOST_STATES)).toMatchObject({
      complete: true,
      violation: undefined,
    });
  },
  TIMEOUT_MS,
);
