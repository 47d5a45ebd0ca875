import type { Clock } from '@labelfleet/runtime';
import type { Activity } from '../receive/activity.ts';

/** A receive returns messages that are there within less than this. */
const QUIET_MS = 100;
/** After this time any moment without an open request will do. */
const PATIENCE_MS = 1_000;

export interface PauseDeps {
  activity: Pick<Activity, 'quietMs'>;
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  /** 0 to 1. */
  random: () => number;
}

/**
 * Resolves when requests leave this worker time for a job: none is open, and the request queue, which is polled all the
 * time, has given nothing for 100 ms. Requests that keep coming in, but do not keep the worker busy, must not end jobs
 * for ever: after a second any moment without an open request will do. Resolves when the signal is aborted, too.
 */
export async function requestPause(
  { activity, clock, random }: PauseDeps,
  signal: AbortSignal,
): Promise<void> {
  const sinceMs = clock.monotonicMs();
  while (!signal.aborted) {
    const quietMs = activity.quietMs();
    const patient = clock.monotonicMs() - sinceMs < PATIENCE_MS;
    if (quietMs > 0 && (quietMs >= QUIET_MS || !patient)) return;
    // Looks at irregular times, because requests may come at regular ones.
    await clock.sleep(patient ? QUIET_MS - quietMs : QUIET_MS * random(), signal);
  }
}
