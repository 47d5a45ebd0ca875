import type { Handler } from 'hono';
import { cacheableResponse } from '../http/cacheable.ts';
import type { FleetView } from './fleet-view.ts';
import { refusalResponse, refuse } from '../http/problem.ts';
import type { GatewayEnv } from '../http/request-scope.ts';

/** The fleet as the scaler last published it. */
export const readFleet =
  (fleet: Pick<FleetView, 'published'>): Handler<GatewayEnv> =>
  async (c) => {
    const published = await fleet.published();
    if (published === undefined)
      return refusalResponse(
        refuse('not-found', 'No scaler has published the state of a fleet yet.'),
        c.var.requestId,
      );
    return cacheableResponse(
      // Without the version of the stored form: JSON leaves out what is undefined.
      JSON.stringify({ ...published.snapshot, v: undefined, stale: published.stale }),
      { 'content-type': 'application/json' },
      c.req.header('if-none-match'),
    );
  };
