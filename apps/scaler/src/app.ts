import { Hono } from 'hono';
import type { Role } from './metrics.ts';

export interface AppDeps {
  /** Prometheus text and its content type. */
  metrics: { metrics(): Promise<string>; readonly contentType: string };
  role: () => Role;
  /** Milliseconds since the last tick, or a standby's last read of the lease, ended. */
  sinceTickMs: () => number;
  /** Why the lease cannot be used; undefined while it can. */
  leaseFailure: () => string | undefined;
  /** The scaler counts as stuck when the last tick is this old. */
  stuckAfterMs: number;
}

/** What the scaler serves: its metrics and its health. */
export function createApp(deps: AppDeps): Hono {
  const { metrics, role, sinceTickMs, leaseFailure, stuckAfterMs } = deps;
  const app = new Hono();
  app.get('/metrics', async (context) =>
    context.text(await metrics.metrics(), 200, { 'Content-Type': metrics.contentType }),
  );
  app.get('/healthz', (context) => {
    const sinceTickSeconds = Math.round(sinceTickMs()) / 1000;
    const common = { role: role(), sinceTickSeconds };
    if (sinceTickMs() >= stuckAfterMs) return context.json({ status: 'stuck', ...common }, 503);
    const detail = leaseFailure();
    if (detail !== undefined) return context.json({ status: 'no-lease', ...common, detail }, 503);
    return context.json({ status: 'ok', ...common });
  });
  return app;
}
