import type { FleetInstance } from '@labelfleet/aws/fleet';
import type { FleetEvent } from '@labelfleet/contracts';
import {
  learnBoot,
  learnService,
  NOTHING_LEARNED,
  type Learned,
  type Work,
} from '@labelfleet/scaling';
import { NOT_LISTENING, type ListeningClock } from './listening-clock.ts';

/** The newest report of an instance, and when it came in by the scaler's clock. */
export interface Heartbeat {
  event: FleetEvent;
  receivedAtMs: number;
}

/** What is known of the fleet from its own reports. */
export interface FleetKnowledge {
  /** By instance id. */
  heartbeats: ReadonlyMap<string, Heartbeat>;
  learned: Learned;
  /** Images completed since this scaler first heard of their workers, by all of them, gone ones included. */
  completed: number;
  /** When instances had started, by their own clocks, until a listing shows their launch. */
  starts: ReadonlyMap<string, number>;
  listening: ListeningClock;
  /** When each instance was last heard or, before that, first listed: by the clock of `hearing`. */
  heardAtMs: ReadonlyMap<string, number>;
  /** Instances not yet terminated as listings last showed them, and when. */
  seen: ReadonlyMap<string, { instance: FleetInstance; atMs: number }>;
}

export const NOTHING_KNOWN: FleetKnowledge = {
  heartbeats: new Map(),
  learned: NOTHING_LEARNED,
  completed: 0,
  starts: new Map(),
  listening: NOT_LISTENING,
  heardAtMs: new Map(),
  seen: new Map(),
};

/** How long the report of an instance is kept that no listing shows: launches are not visible at once. */
const UNLISTED_LIFETIME_MS = 5 * 60_000;

/** How long an instance that a listing leaves out is taken to be as it was: EC2 is eventually consistent. */
const OVERLOOKED_LIFETIME_MS = 60_000;

/** A process that started so long after the launch was started anew, before this scaler first heard of it. */
const LONGEST_BOOT_MS = 15 * 60_000;

/** Takes in a report. On a standard queue reports overtake each other: an older one changes nothing. */
export function takeHeartbeat(
  knowledge: FleetKnowledge,
  event: FleetEvent,
  now: number,
): FleetKnowledge {
  const { heartbeats, learned, completed, starts, listening } = knowledge;
  // Whatever it says, and however old that is: the worker was heard.
  const heardAtMs = new Map(knowledge.heardAtMs).set(event.instanceId, listening.heardMs);
  const previous = heartbeats.get(event.instanceId);
  const atMs = Date.parse(event.at);
  if (previous !== undefined && Date.parse(previous.event.at) >= atMs)
    return { ...knowledge, heardAtMs };
  // A process that starts again on the same instance has not just booted.
  const { startedAt } = previous === undefined ? event : {};
  const work = workSince(previous?.event, event);
  return {
    ...knowledge,
    heardAtMs,
    heartbeats: new Map(heartbeats).set(event.instanceId, { event, receivedAtMs: now }),
    learned: learnService(learned, work),
    // What a worker did before it was first heard is no news.
    completed: completed + (previous === undefined ? 0 : work.images),
    starts:
      startedAt === undefined
        ? starts
        : new Map(starts).set(event.instanceId, Date.parse(startedAt)),
  };
}

/**
 * Learns boot times from a listing, remembers who was in it, and forgets instances that are gone: with
 * `withOverlooked` it is whole.
 * @param silentMs how long instances had been silent when this scaler took the lease
 */
export function takeListing(
  knowledge: FleetKnowledge,
  listed: readonly FleetInstance[],
  now: number,
  silentMs: Readonly<Record<string, number>> = {},
): FleetKnowledge {
  const byId = new Map(listed.map((instance) => [instance.instanceId, instance]));
  const heartbeats = new Map(
    [...knowledge.heartbeats].filter(([id, { receivedAtMs }]) => {
      const state = byId.get(id)?.state;
      if (state === undefined) return now - receivedAtMs < UNLISTED_LIFETIME_MS;
      return state !== 'terminated';
    }),
  );
  let { learned } = knowledge;
  const starts = new Map(knowledge.starts);
  for (const [id, startedAtMs] of knowledge.starts) {
    const instance = byId.get(id);
    if (instance === undefined && heartbeats.has(id)) continue;
    starts.delete(id);
    if (instance === undefined) continue;
    const bootMs = startedAtMs - instance.launchedAt.getTime();
    if (bootMs < LONGEST_BOOT_MS) learned = learnBoot(learned, bootMs / 1000);
  }
  const seen = new Map(
    [...knowledge.seen].filter(
      ([id, { atMs }]) => !byId.has(id) && now - atMs < OVERLOOKED_LIFETIME_MS,
    ),
  );
  for (const instance of listed)
    if (instance.state !== 'terminated') seen.set(instance.instanceId, { instance, atMs: now });
  const { listening, completed } = knowledge;
  const heardAtMs = new Map(
    [...new Set([...heartbeats.keys(), ...seen.keys()])].map((id) => [
      id,
      knowledge.heardAtMs.get(id) ?? listening.heardMs - (silentMs[id] ?? 0),
    ]),
  );
  return { heartbeats, learned, completed, starts, listening, heardAtMs, seen };
}

/** A listing with the instances that it leaves out although they were there a moment ago. */
export function withOverlooked(
  listed: readonly FleetInstance[],
  { seen }: Pick<FleetKnowledge, 'seen'>,
): readonly FleetInstance[] {
  const ids = new Set(listed.map(({ instanceId }) => instanceId));
  const overlooked = [...seen.values()].filter(({ instance }) => !ids.has(instance.instanceId));
  return [...listed, ...overlooked.map(({ instance }) => instance)];
}

/** What a worker did since its last report. An image takes longer than that: its seconds add up. */
function workSince(previous: FleetEvent | undefined, event: FleetEvent): Work {
  const now = workOf(event);
  const restarted = previous === undefined || event.busySeconds < previous.busySeconds;
  if (restarted) return now;
  const before = workOf(previous);
  return {
    images: Math.max(0, now.images - before.images),
    busySeconds: now.busySeconds - before.busySeconds,
    fullImages: Math.max(0, now.fullImages - before.fullImages),
    fullSeconds: Math.max(0, now.fullSeconds - before.fullSeconds),
  };
}

/** Since the process started. A worker of an earlier version does not say when it was full. */
const workOf = (event: FleetEvent): Work => ({
  images: event.imagesCompleted,
  busySeconds: event.busySeconds,
  fullImages: event.completedWhileFull ?? 0,
  fullSeconds: event.fullSeconds ?? 0,
});
