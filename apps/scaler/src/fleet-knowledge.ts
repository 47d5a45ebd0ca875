import type { FleetInstance } from '@labelfleet/aws/fleet';
import type { FleetEvent } from '@labelfleet/contracts';
import { learnBoot, learnService, NOTHING_LEARNED, type Learned } from '@labelfleet/scaling';
import { DEAF, type Hearing } from './hearing.ts';

/** The newest report of an instance, and when it came in by the scaler's clock. */
export interface Report {
  event: FleetEvent;
  receivedAtMs: number;
}

/** What is known of the fleet from its own reports. */
export interface FleetKnowledge {
  /** By instance id. */
  reports: ReadonlyMap<string, Report>;
  learned: Learned;
  /** Images settled since this scaler first heard of their workers, by all of them, gone ones included. */
  settled: number;
  /** When instances reported their start, by their own clocks, until a listing shows their launch. */
  starts: ReadonlyMap<string, number>;
  hearing: Hearing;
  /** When each instance was last heard or, before that, first listed: by the clock of `hearing`. */
  heardAtMs: ReadonlyMap<string, number>;
  /** Instances not yet terminated as listings last showed them, and when. */
  seen: ReadonlyMap<string, { instance: FleetInstance; atMs: number }>;
}

export const NOTHING_KNOWN: FleetKnowledge = {
  reports: new Map(),
  learned: NOTHING_LEARNED,
  settled: 0,
  starts: new Map(),
  hearing: DEAF,
  heardAtMs: new Map(),
  seen: new Map(),
};

/** How long the report of an instance is kept that no listing shows: launches are not visible at once. */
const UNLISTED_LIFETIME_MS = 5 * 60_000;

/** How long an instance that a listing leaves out is taken to be as it was: EC2 is eventually consistent. */
const OVERLOOKED_LIFETIME_MS = 60_000;

/** Takes in a report. On a standard queue reports overtake each other: an older one changes nothing. */
export function takeReport(
  knowledge: FleetKnowledge,
  event: FleetEvent,
  now: number,
): FleetKnowledge {
  const { reports, learned, settled, starts, hearing } = knowledge;
  // Whatever it says, and however old that is: the worker was heard.
  const heardAtMs = new Map(knowledge.heardAtMs).set(event.instanceId, hearing.heardMs);
  const previous = reports.get(event.instanceId);
  const atMs = Date.parse(event.at);
  if (previous !== undefined && Date.parse(previous.event.at) >= atMs)
    return { ...knowledge, heardAtMs };
  // A process that starts again on the same instance has not just booted.
  const booted = event.type === 'started' && previous === undefined;
  const { images, busySeconds } = workSince(previous?.event, event);
  return {
    ...knowledge,
    heardAtMs,
    reports: new Map(reports).set(event.instanceId, { event, receivedAtMs: now }),
    learned: learnService(learned, images, busySeconds),
    settled: settled + (previous === undefined && !booted ? 0 : images),
    starts: booted ? new Map(starts).set(event.instanceId, atMs) : starts,
  };
}

/**
 * Learns boot times from a listing, remembers who was in it, and forgets instances that are gone: with
 * `withOverlooked` it is whole.
 */
export function takeListing(
  knowledge: FleetKnowledge,
  listed: readonly FleetInstance[],
  now: number,
): FleetKnowledge {
  const byId = new Map(listed.map((instance) => [instance.instanceId, instance]));
  const reports = new Map(
    [...knowledge.reports].filter(([id, { receivedAtMs }]) => {
      const state = byId.get(id)?.state;
      if (state === undefined) return now - receivedAtMs < UNLISTED_LIFETIME_MS;
      return state !== 'terminated';
    }),
  );
  let { learned } = knowledge;
  const starts = new Map(knowledge.starts);
  for (const [id, startedAtMs] of knowledge.starts) {
    const instance = byId.get(id);
    if (instance === undefined && reports.has(id)) continue;
    starts.delete(id);
    if (instance === undefined) continue;
    learned = learnBoot(learned, (startedAtMs - instance.launchedAt.getTime()) / 1000);
  }
  const seen = new Map(
    [...knowledge.seen].filter(
      ([id, { atMs }]) => !byId.has(id) && now - atMs < OVERLOOKED_LIFETIME_MS,
    ),
  );
  for (const instance of listed)
    if (instance.state !== 'terminated') seen.set(instance.instanceId, { instance, atMs: now });
  const { hearing, settled } = knowledge;
  const heardAtMs = new Map(
    [...new Set([...reports.keys(), ...seen.keys()])].map((id) => [
      id,
      knowledge.heardAtMs.get(id) ?? hearing.heardMs,
    ]),
  );
  return { reports, learned, settled, starts, hearing, heardAtMs, seen };
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
function workSince(previous: FleetEvent | undefined, event: FleetEvent) {
  const restarted = previous === undefined || event.busySeconds < previous.busySeconds;
  const before = restarted ? { imagesSettled: 0, busySeconds: 0 } : previous;
  return {
    images: Math.max(0, event.imagesSettled - before.imagesSettled),
    busySeconds: event.busySeconds - before.busySeconds,
  };
}
