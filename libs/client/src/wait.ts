import { call, type CallOptions } from './call.ts';
import type { Target } from './target.ts';

/** How long an answer waits. Shorter than the time-outs of usual proxies. */
export const WAIT_SECONDS = 20;
const MARGIN_MS = 15_000;
/** The least time between two reads, for a gateway or a proxy that does not wait. */
const PAUSE_MS = 1_000;

/**
 * Reads a resource again and again, with long polls, until it is completed or the caller stops.
 * @param atLeastMs the least time between two reads
 */
export async function* poll<T>(
  target: Target,
  path: string,
  isCompleted: (resource: T) => boolean,
  options: CallOptions = {},
  atLeastMs = PAUSE_MS,
): AsyncGenerator<T, void> {
  const { clock } = target;
  for (;;) {
    const readAt = clock.monotonicMs();
    const resource = await call<T>(
      target,
      {
        method: 'GET',
        path,
        headers: { prefer: `wait=${WAIT_SECONDS}` },
        timeoutMs: WAIT_SECONDS * 1000 + MARGIN_MS,
      },
      options,
    );
    yield resource;
    if (isCompleted(resource)) return;
    const pauseMs = atLeastMs - (clock.monotonicMs() - readAt);
    if (pauseMs > 0) await clock.sleep(pauseMs, options.signal);
    options.signal?.throwIfAborted();
  }
}
