import type { FleetInstance } from '@labelfleet/aws/fleet';
import { WORKER_TAGS, type FleetEvent, type FleetMemory } from '@labelfleet/contracts';
import type { FleetKnowledge } from '../observe/fleet-knowledge.ts';
import type { Health } from '../observe/health-watch.ts';
import { samePlace, type Place } from './launch-places.ts';

/** What the lease holds about boots, so that the next leader continues counting. */
export type Boots = FleetMemory['boots'];
export type FailedBoot = Boots['failed'][number];
type OpenBoot = Boots['open'][string];

/**
 * A worker that is up for this long counts as good, even without an image: one that cannot read its tags ends
 * itself after 60 s.
 */
const PROVEN_MS = 90_000;
/** The boot of an instance that no listing shows for this long is forgotten. */
const UNLISTED_MS = 10 * 60_000;
/** How long a failed boot delays launches if there are no launches meanwhile. */
const FAILED_LIFETIME_MS = 24 * 3_600_000;
/** Enough to reach the longest pause, and small enough for the lease. */
const FAILED_KEPT = 40;
const MESSAGE_CHARACTERS = 200;
/** For how long a good boot counts as recent. */
export const GOOD_LATELY_MS = 10 * 60_000;

export interface BootsSeen {
  /** The memory before `reconcile`, which removes what the listing shows to have ended. */
  memory: FleetMemory;
  listed: readonly FleetInstance[];
  /** Heartbeats, including those of instances that have ended. */
  heartbeats: FleetKnowledge['heartbeats'];
  lost: Health['lost'];
  /** The newest version of the launch template, if it was read. */
  template: string | undefined;
  now: number;
}

/**
 * Updates the outcomes of boots. A boot is good when its worker has completed an image or has been up for 90 s. It
 * has failed when its instance ends or falls silent before that, unless it was drained. A new version of the launch
 * template clears the counts.
 */
export function trackBoots(seen: BootsSeen): Boots {
  const { memory, listed, now } = seen;
  const before = memory.boots;
  const template = seen.template ?? newestTemplate(memory) ?? before.template;
  const known = template === before.template ? before : { ...before, failed: [], good: [] };
  const tokens = new Set(memory.intents.map(({ request }) => request.clientToken));

  const open: Record<string, OpenBoot> = {};
  const closed = Object.fromEntries(
    Object.entries(known.closed).filter(([, token]) => tokens.has(token)),
  );
  const failed = known.failed
    .map((boot) => ({ ...boot, atMs: Math.min(boot.atMs, now) }))
    .filter(({ atMs }) => now - atMs < FAILED_LIFETIME_MS);
  let { good } = known;
  const byId = new Map(listed.map((instance) => [instance.instanceId, instance]));
  for (const [id, boot] of Object.entries({ ...known.open, ...newBoots(seen, known) })) {
    const outcome = outcomeOf(id, byId.get(id), boot, seen);
    if (outcome === 'open') open[id] = boot;
    else {
      if (tokens.has(boot.token)) closed[id] = boot.token;
      if (outcome === 'forgotten' || boot.template !== template) continue;
      if (outcome === 'good') good = withGood(good, boot.place, now);
      else failed.push({ instanceId: id, atMs: now, place: boot.place, ...outcome });
    }
  }
  return { template, open, closed, failed: failed.slice(-FAILED_KEPT), good };
}

/** Listed instances of launches in the memory whose boots are not tracked yet. */
function newBoots(
  { memory, listed, now }: BootsSeen,
  known: Pick<Boots, 'open' | 'closed'>,
): Record<string, OpenBoot> {
  const requests = new Map(memory.intents.map(({ request }) => [request.clientToken, request]));
  return Object.fromEntries(
    listed.flatMap(({ instanceId, tags }) => {
      const request = requests.get(tags[WORKER_TAGS.launch] ?? '');
      if (request === undefined || instanceId in known.open || instanceId in known.closed)
        return [];
      const { clientToken: token, instanceType, subnetId, market } = request;
      const place = {
        market,
        ...(instanceType === undefined ? {} : { instanceType }),
        ...(subnetId === undefined ? {} : { subnetId }),
      };
      return [[instanceId, { token, place, template: templateOf(request), sinceMs: now }] as const];
    }),
  );
}

type Outcome = 'open' | 'good' | 'forgotten' | Pick<FailedBoot, 'cause' | 'message'>;

function outcomeOf(
  id: string,
  instance: FleetInstance | undefined,
  boot: OpenBoot,
  { memory, heartbeats, lost, now }: BootsSeen,
): Outcome {
  const report = heartbeats.get(id)?.event;
  if (report !== undefined && isProven(report)) return 'good';
  if (memory.terminates[id] === 'drained') return 'forgotten';
  const reason = instance?.stateReason;
  const silence = lost.find(({ instanceId }) => instanceId === id)?.reason;
  if (silence === 'silent' || silence === 'never-reported')
    return { cause: silence, message: SILENCES[silence] };
  if (instance === undefined) return now - boot.sinceMs < UNLISTED_MS ? 'open' : 'forgotten';
  if (instance.state === 'launching' || instance.state === 'running') return 'open';
  return {
    cause: reason?.code ?? 'unknown',
    message: (reason?.message ?? 'EC2 gave no reason').slice(0, MESSAGE_CHARACTERS),
  };
}

const SILENCES = {
  'never-reported': 'it never reported, and was terminated',
  silent: 'it fell silent before it had settled an image, and was terminated',
};

const isProven = ({ imagesCompleted, jobs, at, startedAt }: FleetEvent): boolean =>
  imagesCompleted > 0 ||
  (jobs?.images ?? 0) > 0 ||
  (startedAt !== undefined && Date.parse(at) - Date.parse(startedAt) >= PROVEN_MS);

function withGood(good: Boots['good'], place: Place, now: number): Boots['good'] {
  const last = good.find((each) => samePlace(each.place, place));
  const lately = last !== undefined && now - last.atMs < GOOD_LATELY_MS;
  const count = (lately ? last.count : 0) + 1;
  return [...good.filter((each) => each !== last), { place, atMs: now, count }];
}

/** Boots that failed since the last good boot, oldest first. */
export function failedInARow({ failed, good }: Boots): readonly FailedBoot[] {
  const since = Math.max(-Infinity, ...good.map(({ atMs }) => atMs));
  return failed.filter(({ atMs }) => atMs > since);
}

export const hasFailed = ({ failed }: Boots, id: string): boolean =>
  failed.some(({ instanceId }) => instanceId === id);

type Request = FleetMemory['intents'][number]['request'];

export const templateOf = ({
  launchTemplateId,
  launchTemplateVersion,
}: Pick<Request, 'launchTemplateId' | 'launchTemplateVersion'>): string =>
  `${launchTemplateId} version ${launchTemplateVersion}`;

function newestTemplate({ intents }: FleetMemory): string | undefined {
  const newest = intents.at(-1)?.request;
  return newest && templateOf(newest);
}
