import type { FleetInstance } from '@labelfleet/aws/fleet';
import type { FleetMemory, TerminateReason } from '@labelfleet/contracts';
import { inheritIntent, reconcileIntents } from './launch-intents.ts';

/*
 * The fleet's memory is plain data, changed only by the functions of this folder. Each change is written into the
 * lease before the call that it announces (F2, F4, F6).
 */

export const EMPTY_MEMORY: FleetMemory = {
  instructions: {},
  intents: [],
  terminates: {},
  boots: { template: null, open: {}, closed: {}, failed: [], good: [] },
  unlisted: {},
  silentMs: {},
  levels: [],
};

/** How long an instance is kept that no listing shows. */
const UNLISTED_LIFETIME_MS = 5 * 60_000;

/** Relates the clock of the scaler that wrote a lease to the clock of the one that takes it. */
interface Handover {
  /** When the lease was written, by the clock of its writer. */
  writtenAtMs: number;
  /** How long ago that was, at least, by the clock of the scaler that takes it. */
  writtenAgoMs: number;
  /** The present time by the clock of the scaler that takes it. */
  now: number;
}

/**
 * Moves the times in the previous leader's memory to the new leader's clock. Every timeout is reached, however
 * often the lease is taken over, and no age is more than the true one, however much the clocks differ. Instructions
 * are set again, because it is unknown which of them were set.
 */
export function inherit(
  memory: FleetMemory,
  { writtenAtMs, writtenAgoMs, now }: Handover,
): FleetMemory {
  const moved = (ms: number) => ms + now - writtenAgoMs - writtenAtMs;
  return {
    ...memory,
    instructions: mapValues(memory.instructions, (current) => ({ ...current, setAtMs: null })),
    intents: memory.intents.map((intent) => inheritIntent(intent, moved)),
    boots: movedBoots(memory.boots, moved),
    unlisted: mapValues(memory.unlisted, moved),
    levels: memory.levels.map(({ neededAtMs, steadyAtMs, idleGaps }) => ({
      neededAtMs: moved(neededAtMs),
      steadyAtMs: steadyAtMs === null ? null : moved(steadyAtMs),
      idleGaps,
    })),
  };
}

type Boots = FleetMemory['boots'];

const movedBoots = (boots: Boots, moved: (ms: number) => number): Boots => ({
  ...boots,
  open: mapValues(boots.open, (boot) => ({ ...boot, sinceMs: moved(boot.sinceMs) })),
  failed: boots.failed.map((boot) => ({ ...boot, atMs: moved(boot.atMs) })),
  good: boots.good.map((boot) => ({ ...boot, atMs: moved(boot.atMs) })),
});

/** From here on the instance is being terminated and is never resumed (F6, F7). */
export function decideTerminate(
  memory: FleetMemory,
  instanceId: string,
  reason: TerminateReason = 'drained',
): FleetMemory {
  if (instanceId in memory.terminates) return memory;
  return { ...memory, terminates: { ...memory.terminates, [instanceId]: reason } };
}

/**
 * Removes what a listing shows to have ended: launches that are listed or too old, and ended instances. A launch
 * that is without a response for too long is no longer awaited.
 */
export function reconcile(
  memory: FleetMemory,
  listed: readonly FleetInstance[],
  now: number,
): FleetMemory {
  const states = new Map(listed.map(({ instanceId, state }) => [instanceId, state]));
  const ids = new Set([...Object.keys(memory.instructions), ...Object.keys(memory.terminates)]);
  const unlisted = Object.fromEntries(
    [...ids]
      .filter((id) => !states.has(id))
      .map((id) => [id, memory.unlisted[id] ?? now] as const)
      .filter(([, sinceMs]) => now - sinceMs < UNLISTED_LIFETIME_MS),
  );
  const isPresent = (id: string, ...over: FleetInstance['state'][]) => {
    const state = states.get(id);
    return state === undefined ? id in unlisted : !over.includes(state);
  };
  return {
    instructions: filterKeys(memory.instructions, (id) => isPresent(id, 'terminated')),
    intents: reconcileIntents(memory.intents, listed, now),
    terminates: filterKeys(memory.terminates, (id) => isPresent(id, 'stopping', 'terminated')),
    boots: memory.boots,
    unlisted,
    silentMs: memory.silentMs,
    levels: memory.levels,
  };
}

const mapValues = <T>(record: Readonly<Record<string, T>>, change: (value: T) => T) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

const filterKeys = <T>(record: Readonly<Record<string, T>>, keep: (key: string) => boolean) =>
  Object.fromEntries(Object.entries(record).filter(([key]) => keep(key)));
