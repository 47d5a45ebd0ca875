import { readJson, type ObjectStore } from '@labelfleet/aws/store';
import { FLEET_SNAPSHOT_KEY, fleetSnapshotCodec } from '@labelfleet/contracts';
import type { Logger, Clock } from '@labelfleet/runtime';

const CHECK_INTERVAL_MS = 60_000;

interface IdleWatchDeps {
  /** The state bucket. */
  state: Pick<ObjectStore, 'get'>;
  /** For how long the worker has had no request and no message of a job; 0 while it has one. */
  quietMs: () => number;
  idleShutdownMs: number;
  clock: Pick<Clock, 'unixMs' | 'sleep'>;
  log: Logger;
}

/**
 * Detects that no scaler is left to terminate this worker: it has had nothing to do for the idle limit, and the
 * fleet snapshot is older than that limit or was never published (F8). Reads the snapshot only when the
 * first is true. Resolves with the reason, or with undefined when the signal is aborted.
 *
 * A worker with chunks works on without a scaler, because they were accepted. That has an end: without a scaler nobody
 * sends dead letters again, so each chunk is received 50 times at most.
 */
export async function watchForAbandonment(
  deps: IdleWatchDeps,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { quietMs, idleShutdownMs, clock } = deps;
  while (!signal.aborted) {
    await clock.sleep(Math.min(CHECK_INTERVAL_MS, idleShutdownMs), signal);
    if (signal.aborted || quietMs() < idleShutdownMs) continue;
    const reason = await whyAbandoned(deps);
    // An image may have arrived while the snapshot was fetched.
    if (reason !== undefined && quietMs() >= idleShutdownMs) return reason;
  }
  return undefined;
}

/** Undefined also when the snapshot cannot be read: that does not prove that no scaler is left. */
async function whyAbandoned(deps: IdleWatchDeps): Promise<string | undefined> {
  const { state, idleShutdownMs, clock, log } = deps;
  try {
    const stored = await readJson(state, FLEET_SNAPSHOT_KEY, fleetSnapshotCodec);
    if (stored === undefined) return 'idle, and no fleet snapshot was ever published';
    const { at } = stored.value;
    const old = clock.unixMs() - Date.parse(at) >= idleShutdownMs;
    return old ? `idle, and the fleet snapshot is of ${at}` : undefined;
  } catch (error) {
    log.warn({ event: 'snapshot.read-failed', error }, 'fleet snapshot not read');
    return undefined;
  }
}
