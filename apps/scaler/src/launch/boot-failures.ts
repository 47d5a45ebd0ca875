import type { FleetInstance } from '@labelfleet/aws/fleet';
import { WORKER_TAGS, type FleetEvent } from '@labelfleet/contracts';
import type { FleetView } from '@labelfleet/scaling';
import type { FleetKnowledge } from '../observe/fleet-knowledge.ts';
import type { FleetMemory } from '../memory/fleet-memory.ts';
import type { Health } from '../observe/health-watch.ts';
import { samePlace, type Place } from './launch-places.ts';

/** What the lease holds about boots, so that the next leader continues counting. */
export type Boots = NonNullable<FleetMemory['boots']>;
export type FailedBoot = Boots['failed'][number];
type OpenBoot = Boots['open'][string];

export const NO_BOOTS: Boots = { template: null, open: {}, closed: {}, failed: [], good: [] };

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

/** How many boots may be under way before any has succeeded: the default of MAX_WORKERS. */
const BURST = 20;
/** Every recent good boot allows two more boots at once, so that a large fleet can grow quickly. */
const PER_GOOD_BOOT = 2;
const GOOD_LATELY_MS = 10 * 60_000;
/**
 * A place without failures is tried in spite of failures elsewhere, until this many launches have failed or are
 * under way.
 */
const FRESH_UNTIL = 24;
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 10 * 60_000;

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
  const before = memory.boots ?? NO_BOOTS;
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

const isProven = ({ imagesCompleted, at, startedAt }: FleetEvent): boolean =>
  imagesCompleted > 0 ||
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

/** Boots at one place, or in the whole fleet. */
interface BootCounts {
  failed: readonly FailedBoot[];
  /** Boots under way. */
  open: number;
  /** Recent good boots. */
  good: number;
}

/**
 * When the next launch may be sent: at once after one failure, then 5 s after the last failure, 10 s, 20 s, up to
 * 10 min.
 */
function notBeforeMs({ failed }: Pick<BootCounts, 'failed'>): number {
  const last = failed.at(-1);
  if (last === undefined || failed.length < 2) return -Infinity;
  return last.atMs + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failed.length - 2));
}

/** How many instances may be launched now. Every failure after the first halves the number of boots under way. */
function room({ failed, open, good }: BootCounts, now: number): number {
  if (now < notBeforeMs({ failed })) return 0;
  const most = BURST + PER_GOOD_BOOT * good;
  const halved = Math.floor(most / 2 ** Math.max(0, failed.length - 1));
  return Math.max(0, Math.max(1, halved) - open);
}

/**
 * The places where instances may be launched now, and how many at each. In the given order; while boots fail,
 * places with fewer failures come first.
 */
export function roomAtPlaces(
  places: readonly Place[],
  memory: FleetMemory,
  now: number,
): ReadonlyMap<Place, number> {
  const boots = memory.boots ?? NO_BOOTS;
  const open = placesUnderWay(memory);
  const goodAt = (where: (place: Place) => boolean) =>
    boots.good
      .filter(({ place, atMs }) => where(place) && now - atMs < GOOD_LATELY_MS)
      .reduce((sum, { count }) => sum + count, 0);
  const inARow = failedInARow(boots);
  const all = { failed: inARow, open: open.length, good: goodAt(() => true) };
  const launched = inARow.length + open.length;
  const rooms = places.map((place) => {
    const here = (other: Place) => samePlace(place, other);
    const since = boots.good.find((each) => here(each.place))?.atMs ?? -Infinity;
    const failed = boots.failed.filter((boot) => here(boot.place) && boot.atMs > since);
    const openHere = open.filter(here).length;
    const fresh = failed.length === 0 && openHere === 0 && launched < FRESH_UNTIL;
    const anywhere = Math.max(room(all, now), fresh ? 1 : 0);
    const local = room({ failed, open: openHere, good: goodAt(here) }, now);
    return { place, failures: failed.length, most: Math.min(anywhere, local) };
  });
  if (inARow.length > 0) rooms.sort((a, b) => a.failures - b.failures);
  return new Map(rooms.filter(({ most }) => most > 0).map(({ place, most }) => [place, most]));
}

/**
 * How many launches the outcomes of boots allow now, and why. Undefined if the last boot was good and the limit on
 * boots under way does not apply.
 */
export function limitByBoots(
  places: readonly Place[],
  memory: FleetMemory,
  maxWorkers: number,
  now: number,
): FleetView['launchLimit'] {
  const { boots = NO_BOOTS } = memory;
  const failed = failedInARow(boots);
  const last = failed.at(-1);
  const most = Math.max(0, ...roomAtPlaces(places, memory, now).values());
  if (last === undefined) {
    const open = placesUnderWay(memory).length;
    if (most >= maxWorkers - open) return undefined;
    return {
      most,
      failing: false,
      reason: `${plural(open, 'boot')} under way, not known to work yet`,
    };
  }
  const nextMs = nextLaunchMs(boots);
  const cause = last.message.startsWith(last.cause)
    ? last.message
    : `${last.cause}: ${last.message}`;
  const first =
    failed.length === 1
      ? 'the last boot failed'
      : `the last ${failed.length} boots failed, the last one`;
  const next =
    most > 0 || nextMs <= now
      ? ''
      : `; the next launch is at ${clockTime(nextMs)} UTC at the earliest`;
  return { most, failing: true, reason: `${first} with ${cause}${next}` };
}

const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

const clockTime = (unixMs: number) => new Date(unixMs).toISOString().slice(11, 19);

/** When failed boots allow the next launch. */
export function nextLaunchMs(boots: Boots): number {
  return notBeforeMs({ failed: failedInARow(boots) });
}

/** The place of every boot under way: of listed instances, and of those not listed yet. */
function placesUnderWay({ boots = NO_BOOTS, intents }: FleetMemory): Place[] {
  const listed = Object.values(boots.open);
  const closed = Object.values(boots.closed);
  const unseen = intents
    .filter(({ refused, countedUntilMs }) => !refused || countedUntilMs !== null)
    .flatMap(({ request, launched }) => {
      const token = request.clientToken;
      const seen = [...listed.map((boot) => boot.token), ...closed].filter((of) => of === token);
      const coming = (launched ?? request.count) - seen.length;
      return Array.from({ length: Math.max(0, coming) }, () => request);
    });
  return [...listed.map(({ place }) => place), ...unseen];
}

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
