import type { Handler } from 'hono';
import { cacheableResponse } from '../http/cacheable.ts';
import type { FleetView } from './fleet-view.ts';
import { refusalResponse, refuse } from '../http/problem.ts';
import type { GatewayEnv } from '../http/request-scope.ts';

/** Returns the last fleet snapshot. */
export const readFleet =
  (fleet: Pick<FleetView, 'published'>): Handler<GatewayEnv> =>
  async (c) => {
    const published = await fleet.published();
    if (published === undefined)
      return refusalResponse(
        refuse('not-found', 'No fleet snapshot exists, because no scaler has published one yet.'),
        c.var.requestId,
      );
    return cacheableResponse(
      // JSON omits undefined: the version of the stored format is internal.
      JSON.stringify({ ...published.snapshot, v: undefined, stale: published.stale }),
      { 'content-type': 'application/json' },
      c.req.header('if-none-match'),
    );
  };
