import type { Handler } from 'hono';
import { refusalResponse, refuseOverloaded } from '../problem.ts';
import { whyNotReady, type ReadinessParts } from '../readiness.ts';
import type { GatewayEnv } from '../request-scope.ts';

/** The process is alive. */
export const alive: Handler<GatewayEnv> = (c) => c.json({ status: 'alive' });

/** Ready to take work, or why not. */
export const ready =
  (parts: ReadinessParts): Handler<GatewayEnv> =>
  async (c) => {
    const reasons = await whyNotReady(parts);
    return reasons.length === 0
      ? c.json({ status: 'ready' })
      : refusalResponse(refuseOverloaded(`Not ready: ${reasons.join(', ')}.`), c.var.requestId);
  };
