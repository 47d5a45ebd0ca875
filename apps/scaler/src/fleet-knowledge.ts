import type { FleetInstance } from '@labelfleet/aws/fleet';
import type { FleetEvent } from '@labelfleet/contracts';
import { learnBoot, learnService, NOTHING_LEARNED, type Learned } from '@labelfleet/scaling';

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
  /** When instances reported their start, by their own clocks, until a listing shows their launch. */
  starts: ReadonlyMap<string, number>;
}

export const NOTHING_KNOWN: FleetKnowledge = {
  reports: new Map(),
  learned: NOTHING_LEARNED,
  starts: new Map(),
};

/** How long the report of an instance is kept that no listing shows: launches are not visible at once. */
const UNLISTED_LIFETIME_MS = 5 * 60_000;

/** Takes in a report. On a standard queue reports overtake each other: an older one changes nothing. */
export function takeReport(
  knowledge: FleetKnowledge,
  event: FleetEvent,
  now: number,
): FleetKnowledge {
  const { reports, learned, starts } = knowledge;
  const previous = reports.get(event.instanceId);
  const atMs = Date.parse(event.at);
  if (previous !== undefined && Date.parse(previous.event.at) >= atMs) return knowledge;
  // A process that starts again on the same instance has not just booted.
  const booted = event.type === 'started' && previous === undefined;
  return {
    reports: new Map(reports).set(event.instanceId, { event, receivedAtMs: now }),
    learned: learnWork(learned, previous?.event, event),
    starts: booted ? new Map(starts).set(event.instanceId, atMs) : starts,
  };
}

/** Learns boot times from a listing, and forgets what was reported by instances that are gone. */
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
  return { reports, learned, starts };
}

/** What a worker did since its last report. An image takes longer than that: its seconds add up. */
function learnWork(learned: Learned, previous: FleetEvent | undefined, event: FleetEvent): Learned {
  const restarted = previous === undefined || event.busySeconds < previous.busySeconds;
  const before = restarted ? { imagesSettled: 0, busySeconds: 0 } : previous;
  return learnService(
    learned,
    Math.max(0, event.imagesSettled - before.imagesSettled),
    event.busySeconds - before.busySeconds,
  );
}
