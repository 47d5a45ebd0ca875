import { Hono } from 'hono';
import type { Role } from './metrics.ts';

export interface AppOptions {
  /** Prometheus text and its content type. */
  metrics: { metrics(): Promise<string>; readonly contentType: string };
  role: () => Role;
  /** Milliseconds since the last tick, or a standby's last look at the lease, ended. */
  sinceTickMs: () => number;
  /** From this age of the last tick on the scaler counts as stuck. */
  stuckAfterMs: number;
}

/** The metrics port. */
export function createApp({ metrics, role, sinceTickMs, stuckAfterMs }: AppOptions): Hono {
  const app = new Hono();
  app.get('/metrics', async (context) =>
    context.text(await metrics.metrics(), 200, { 'Content-Type': metrics.contentType }),
  );
  app.get('/healthz', (context) => {
    const sinceTickSeconds = Math.round(sinceTickMs()) / 1000;
    return sinceTickMs() < stuckAfterMs
      ? context.json({ status: 'ok', role: role(), sinceTickSeconds })
      : context.json({ status: 'stuck', role: role(), sinceTickSeconds }, 503);
  });
  return app;
}
