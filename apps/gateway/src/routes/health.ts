import type { Handler } from 'hono';
import { refusalResponse } from '../http/problem.ts';
import { findReadiness, refuseUnready, type ReadinessDeps } from '../http/readiness.ts';
import { VERSION } from '../version.ts';
import type { GatewayEnv } from '../http/request-scope.ts';

export const alive: Handler<GatewayEnv> = (c) => c.json({ status: 'alive', version: VERSION });

export const ready =
  (deps: ReadinessDeps): Handler<GatewayEnv> =>
  async (c) => {
    const { outages, warnings } = await findReadiness(deps);
    const refusal = refuseUnready(outages);
    return refusal === undefined
      ? c.json({ status: 'ready', ...(warnings.length > 0 && { warnings }) })
      : refusalResponse(refusal, c.var.requestId);
  };
