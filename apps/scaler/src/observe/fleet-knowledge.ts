import type { FleetInstance } from '@labelfleet/aws/fleet';
import type { FleetEvent } from '@labelfleet/contracts';
import {
  learnBoot,
  learnJobImages,
  learnService,
  NOTHING_LEARNED,
  type Learned,
  type Work,
} from '@labelfleet/scaling';
import { NOT_LISTENING, type ListeningClock } from './listening-clock.ts';

/** The newest heartbeat of an instance, and when it was received by the scaler's clock. */
export interface Heartbeat {
  event: FleetEvent;
  receivedAtMs: number;
}

/** What the scaler knows of the fleet from heartbeats and listings. */
export interface FleetKnowledge {
  /** By instance id. */
  heartbeats: ReadonlyMap<string, Heartbeat>;
  learned: Learned;
  /** Images completed by all workers, ended ones included, since their first heartbeat to this scaler. */
  completed: number;
  /** When instances started, by their own clocks; kept until a listing shows their launch. */
  starts: ReadonlyMap<string, number>;
  listening: ListeningClock;
  /** When the last heartbeat of each instance came, or when it was first listed: by the listening clock. */
  heardAtMs: ReadonlyMap<string, number>;
  /** Instances not yet terminated, as a listing last showed them, and when. */
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

/** How long the heartbeat of an instance is kept that no listing shows: launches are not visible at once. */
const UNLISTED_LIFETIME_MS = 5 * 60_000;

/** How long an instance that is missing from listings is assumed unchanged: EC2 is eventually consistent. */
const OVERLOOKED_LIFETIME_MS = 60_000;

/** A process that started this long after the launch was restarted before its first heartbeat to this scaler. */
const LONGEST_BOOT_MS = 15 * 60_000;

/** Updates the knowledge with a heartbeat: see `takeHeartbeats`. */
export const takeHeartbeat = (
  knowledge: FleetKnowledge,
  event: FleetEvent,
  now: number,
): FleetKnowledge => takeHeartbeats(knowledge, [event], now);

/**
 * Updates the knowledge with heartbeats, in the order in which they were received. A standard queue may reorder
 * messages, so an older heartbeat changes nothing but the time of the last one.
 */
export function takeHeartbeats(
  knowledge: FleetKnowledge,
  events: readonly FleetEvent[],
  now: number,
): FleetKnowledge {
  // Many workers send many heartbeats, so the maps are copied once for all of these.
  const heardAtMs = new Map(knowledge.heardAtMs);
  const heartbeats = new Map(knowledge.heartbeats);
  const starts = new Map(knowledge.starts);
  let { learned, completed } = knowledge;
  for (const event of events) {
    const { instanceId: id } = event;
    // Any heartbeat, also an old one, ends the worker's silence.
    heardAtMs.set(id, knowledge.listening.heardMs);
    const previous = heartbeats.get(id)?.event;
    if (previous !== undefined && Date.parse(previous.at) >= Date.parse(event.at)) continue;
    heartbeats.set(id, { event, receivedAtMs: now });
    const work = workSince(previous, event);
    learned = learnService(learned, work);
    learned = learnJobWork(learned, previous, event);
    if (previous !== undefined) {
      // Images completed before the first heartbeat are not counted.
      completed += work.images;
    } else if (event.startedAt !== undefined) {
      // A process that restarts on the same instance has not just booted.
      starts.set(id, Date.parse(event.startedAt));
    }
  }
  return { ...knowledge, heardAtMs, heartbeats, learned, completed, starts };
}

/**
 * Learns boot times from a listing, stores which instances it shows, and forgets terminated ones. Use
 * `withOverlooked` to complete the listing.
 * @param silentMs how long instances had been silent when this scaler became leader
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

/** Completes a listing with recent instances that are missing from it. */
export function withOverlooked(
  listed: readonly FleetInstance[],
  { seen }: Pick<FleetKnowledge, 'seen'>,
): readonly FleetInstance[] {
  const ids = new Set(listed.map(({ instanceId }) => instanceId));
  const overlooked = [...seen.values()].filter(({ instance }) => !ids.has(instance.instanceId));
  return [...listed, ...overlooked.map(({ instance }) => instance)];
}

/** Learns from the images of jobs that a worker classified since its last heartbeat. */
function learnJobWork(
  learned: Learned,
  previous: FleetEvent | undefined,
  { jobs }: FleetEvent,
): Learned {
  if (jobs === undefined) return learned;
  const restarted = previous?.jobs === undefined || jobs.images < previous.jobs.images;
  const before = restarted ? undefined : previous.jobs;
  const images = jobs.images - (before?.images ?? 0);
  const seconds = jobs.classifySeconds - (before?.classifySeconds ?? 0);
  return learnJobImages(learned, images, Math.max(0, seconds) / jobs.processes);
}

/** What a worker did since its last heartbeat. An image may take longer than that; its busy seconds add up. */
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

/** Totals since the process started. A worker of an earlier version does not report the time when it was full. */
const workOf = (event: FleetEvent): Work => ({
  images: event.imagesCompleted,
  busySeconds: event.busySeconds,
  fullImages: event.completedWhileFull ?? 0,
  fullSeconds: event.fullSeconds ?? 0,
});
