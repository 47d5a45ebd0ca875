import type { Fleet, FleetInstance } from '@labelfleet/aws/fleet';
import { WORKER_TAGS } from '@labelfleet/contracts';
import { setTimeout as delay } from 'node:timers/promises';

/** An instance from its launch to the order to terminate it, in Unix milliseconds. */
export interface Life {
  launchedAtMs: number;
  endedAtMs: number | null;
}

const LOOK_MS = 100;
/** The scaler's default FLEET_NAME. */
const FLEET_NAME = 'labelfleet';

/** Looks at the fleet until the signal is aborted; ends are known to a tenth of a second. */
export async function watchLives(fleet: Fleet, signal: AbortSignal): Promise<Life[]> {
  let lives: ReadonlyMap<string, Life> = new Map();
  while (!signal.aborted) {
    lives = withListing(lives, await fleet.list(WORKER_TAGS.fleet, FLEET_NAME), Date.now());
    // The signal ends the wait; the loop's head sees it.
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
  return [...lives.values()];
}

/** Takes in a listing: the end of an instance is the first time that it is shown as ending. */
export function withListing(
  lives: ReadonlyMap<string, Life>,
  listed: readonly Pick<FleetInstance, 'instanceId' | 'launchedAt' | 'state'>[],
  nowMs: number,
): Map<string, Life> {
  const next = new Map(lives);
  for (const { instanceId, launchedAt, state } of listed) {
    const ended = state === 'stopping' || state === 'terminated';
    const endedAtMs = lives.get(instanceId)?.endedAtMs ?? (ended ? nowMs : null);
    next.set(instanceId, { launchedAtMs: launchedAt.getTime(), endedAtMs });
  }
  return next;
}
