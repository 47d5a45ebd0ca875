import type { Handler } from 'hono';
import { cacheableResponse } from '../http/cacheable.ts';
import type { GatewayEnv } from '../http/request-scope.ts';
import type { ModelsView } from './models-view.ts';

/** Returns what the fleet's models know. */
export const readModels =
  (view: Pick<ModelsView, 'inUse'>): Handler<GatewayEnv> =>
  async (c) => {
    const models = await view.inUse();
    return cacheableResponse(
      // JSON omits undefined: the version of the stored format is internal.
      JSON.stringify({ models: models.map((model) => ({ ...model, v: undefined })) }),
      { 'content-type': 'application/json' },
      c.req.header('if-none-match'),
    );
  };
