import type { FleetMemory } from '@labelfleet/contracts';
import type { FleetView } from '@labelfleet/scaling';
import { samePlace, type Place } from './launch-places.ts';
import { failedInARow, GOOD_LATELY_MS, type Boots, type FailedBoot } from './track-boots.ts';

/** How many boots may be under way before any has succeeded: the default of MAX_WORKERS. */
const BURST = 20;
/** Every recent good boot allows two more boots at once, so that a large fleet can grow quickly. */
const PER_GOOD_BOOT = 2;
/**
 * A place without failures is tried in spite of failures elsewhere, until this many launches have failed or are
 * under way.
 */
const FRESH_UNTIL = 24;
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 10 * 60_000;

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
  const { boots } = memory;
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
  const { boots } = memory;
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
function placesUnderWay({ boots, intents }: FleetMemory): Place[] {
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
