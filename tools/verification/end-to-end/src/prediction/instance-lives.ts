import type { Fleet, FleetInstance } from '@labelfleet/aws/fleet';
import { WORKER_TAGS } from '@labelfleet/contracts';
import { setTimeout as delay } from 'node:timers/promises';

/** An instance from its launch to its TerminateInstances call, in Unix milliseconds. */
export interface Life {
  launchedAtMs: number;
  endedAtMs: number | null;
}

const LOOK_MS = 100;
/** The scaler's default FLEET_NAME. */
const FLEET_NAME = 'labelfleet';

/** Polls the fleet every 100 ms until the signal aborts. */
export async function watchLives(fleet: Fleet, signal: AbortSignal): Promise<Life[]> {
  let lives: ReadonlyMap<string, Life> = new Map();
  while (!signal.aborted) {
    lives = withListing(lives, await fleet.list(WORKER_TAGS.fleet, FLEET_NAME), Date.now());
    // The signal aborts the delay, and the loop's condition ends the loop.
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
  return [...lives.values()];
}

/** Adds a listing. An instance ends when it is first listed as ending. */
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
