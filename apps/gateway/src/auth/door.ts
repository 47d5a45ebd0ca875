import type { MiddlewareHandler } from 'hono';
import { isAllowed, type Origins } from '../http/cors.ts';
import { refusalResponse, type Refusal } from '../http/problem.ts';
import type { GatewayEnv } from '../http/request-scope.ts';
import type { CallerLimits } from '../limits/caller-limits.ts';
import { guardAnonymous } from './guard-anonymous.ts';
import type { KeyFile } from './key-file.ts';
import { needsKey } from './needs-key.ts';

export interface DoorDeps {
  /** Undefined: callers are anonymous. */
  keys: Pick<KeyFile, 'authenticate' | 'required'> | undefined;
  /** True if the gateway listens on loopback only. */
  onLoopback: boolean;
  origins: Origins;
  publicUrl: URL | undefined;
  callerLimits: Pick<CallerLimits, 'headers'>;
}

/** Lets a request in, and says whose it is, before its body is read and its route is known. */
export const door = (deps: DoorDeps): MiddlewareHandler<GatewayEnv> => {
  const guard = {
    onLoopback: deps.onLoopback,
    publicHost: deps.publicUrl?.host,
    isAllowedOrigin: (origin: string) => isAllowed(deps.origins, origin),
  };
  return async (c, next) => {
    const { access, requestId, client } = c.var;
    const header = (name: string) => c.req.header(name);
    const { method, path } = c.req;
    const refused = (refusal: Refusal) => {
      access.problem = refusal.code;
      access.detail = refusal.detail;
      return refusalResponse(refusal, requestId);
    };
    if (deps.keys?.required !== true) {
      const { forwardedHost } = client;
      const refusal = guardAnonymous({ method, header, forwardedHost }, guard);
      if (refusal !== undefined) return refused(refusal);
    } else if (needsKey(method, path)) {
      const outcome = deps.keys.authenticate(header('authorization'));
      if (outcome.kind === 'refused') return refused(outcome);
      const { caller } = outcome.key;
      c.set('key', outcome.key);
      c.set('caller', caller);
      access.caller = caller;
    }
    await next();
    if (method !== 'POST') return;
    const state = deps.callerLimits.headers(c.var.key);
    for (const [name, value] of Object.entries(state)) c.res.headers.set(name, value);
  };
};
