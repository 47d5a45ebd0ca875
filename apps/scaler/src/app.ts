import { Hono } from 'hono';

export interface AppOptions {
  /** Prometheus text and its content type. */
  metrics: { metrics(): Promise<string>; readonly contentType: string };
  /** Milliseconds since the last tick ended. */
  sinceTickMs: () => number;
  /** From this age of the last tick on the scaler counts as stuck. */
  stuckAfterMs: number;
}

/** The metrics port. */
export function createApp({ metrics, sinceTickMs, stuckAfterMs }: AppOptions): Hono {
  const app = new Hono();
  app.get('/metrics', async (context) =>
    context.text(await metrics.metrics(), 200, { 'Content-Type': metrics.contentType }),
  );
  app.get('/healthz', (context) => {
    const sinceTickSeconds = Math.round(sinceTickMs()) / 1000;
    return sinceTickMs() < stuckAfterMs
      ? context.json({ status: 'ok', sinceTickSeconds })
      : context.json({ status: 'stuck', sinceTickSeconds }, 503);
  });
  return app;
}
