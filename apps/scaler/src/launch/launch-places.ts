import type { LaunchOutcome, LaunchRequest } from '@labelfleet/aws/fleet';
import { backOff, NO_BACKOFF, type Backoff } from '../act/backoff.ts';

/** Where to launch; what is undefined is left to the launch template. */
export type Place = Pick<LaunchRequest, 'instanceType' | 'subnetId' | 'market'>;

export interface WorkerPlaces {
  instanceTypes: readonly string[] | undefined;
  subnetIds: readonly string[] | undefined;
  markets: readonly LaunchRequest['market'][];
}

/** Every place, in the order in which they are tried: subnets first, then types, then markets. */
export function allPlaces({ instanceTypes, subnetIds, markets }: WorkerPlaces): Place[] {
  return markets.flatMap((market) =>
    (instanceTypes ?? [undefined]).flatMap((instanceType) =>
      (subnetIds ?? [undefined]).map((subnetId) => ({
        market,
        ...(instanceType === undefined ? {} : { instanceType }),
        ...(subnetId === undefined ? {} : { subnetId }),
      })),
    ),
  );
}

/** What went wrong with launches lately. */
export interface LaunchTrouble {
  backoff: Backoff;
  leftAlone: readonly LeftAlone[];
}

/** A place without room, or one where launches are refused. */
interface LeftAlone {
  place: Place;
  untilMs: number;
  /** Launches refused there in a row; 0: there was no room. */
  refusals: number;
}

export const NO_TROUBLE: LaunchTrouble = { backoff: NO_BACKOFF, leftAlone: [] };

const LEFT_ALONE_MS = 3 * 60_000;

/** The longest that a place is left alone: what is refused for good costs one launch in half an hour. */
const MOST_LEFT_ALONE_MS = 30 * 60_000;

/**
 * The first troubles are followed by the next tick's: every image waits for it, and one call a tick is a
 * quarter of what EC2 refills (RunInstances: two tokens a second; EC2 API reference, "Request throttling").
 */
const FAILURES_TO_DOUBLE = 5;

/**
 * The place to launch in now; undefined while there is none. Where every place refuses launches, it is the one
 * whose time is over first, after the backoff: somebody may have put it right.
 * @param avoid places that come last
 */
export function choosePlace(
  places: readonly Place[],
  trouble: LaunchTrouble,
  now: number,
  avoid: readonly Place[] = [],
): Place | undefined {
  const open = places.filter((place) => isOpen(places, trouble, place, now));
  const free = open.filter((place) => now >= untilMs(trouble, place));
  return (
    free.find((place) => !avoid.some((each) => samePlace(each, place))) ??
    free[0] ??
    open.toSorted((a, b) => untilMs(trouble, a) - untilMs(trouble, b))[0]
  );
}

/** Whether a launch may be sent to this place now. */
export const isOpen = (
  places: readonly Place[],
  trouble: LaunchTrouble,
  place: Place,
  now: number,
): boolean =>
  now >= trouble.backoff.notBeforeMs &&
  (now >= untilMs(trouble, place) || places.every((each) => refuses(trouble, each, now)));

/** The places of these that refuse launches. */
export const refusingPlaces = (
  places: readonly Place[],
  trouble: LaunchTrouble,
  now: number,
): Place[] => places.filter((place) => refuses(trouble, place, now));

/** `failed`: the call ended without an answer from EC2, or with one that leaves open what it did. */
export type LaunchResult = LaunchOutcome['kind'] | 'failed';

/**
 * What a launch teaches about the next one. Without capacity its place is left alone for 3 min, a quota counts
 * for a type and market in every subnet, and a place that refuses is left alone for 3 min, then 6, up to 30; the
 * next place is tried at the next tick. Anything else is tried again later.
 * @param random 0 to 1
 */
export function afterLaunch(
  trouble: LaunchTrouble,
  places: readonly Place[],
  place: Place,
  result: LaunchResult,
  now: number,
  random: number,
): LaunchTrouble {
  const later = () => backOff(trouble.backoff, now, random, FAILURES_TO_DOUBLE);
  switch (result) {
    case 'launched':
      return { backoff: NO_BACKOFF, leftAlone: except(trouble.leftAlone, [place]) };
    case 'no-capacity':
      return { backoff: NO_BACKOFF, leftAlone: leave(trouble, [place], now + LEFT_ALONE_MS, 0) };
    case 'limit': {
      const ofType = places.filter(
        ({ instanceType, market }) =>
          instanceType === place.instanceType && market === place.market,
      );
      return { backoff: NO_BACKOFF, leftAlone: leave(trouble, ofType, now + LEFT_ALONE_MS, 0) };
    }
    case 'refused': {
      const refusals = (find(trouble, place)?.refusals ?? 0) + 1;
      const ms = Math.min(MOST_LEFT_ALONE_MS, LEFT_ALONE_MS * 2 ** (refusals - 1));
      const leftAlone = leave(trouble, [place], now + ms, refusals);
      const everywhere = places.every((each) => refuses({ leftAlone }, each, now));
      return { backoff: everywhere ? later() : NO_BACKOFF, leftAlone };
    }
    case 'throttled':
    case 'not-authenticated':
    case 'failed':
      return { backoff: later(), leftAlone: trouble.leftAlone };
  }
}

type Left = Pick<LaunchTrouble, 'leftAlone'>;

const leave = (
  { leftAlone }: Left,
  left: readonly Place[],
  untilMs: number,
  refusals: number,
): LeftAlone[] => [
  ...except(leftAlone, left),
  ...left.map((place) => ({ place, untilMs, refusals })),
];

const except = (leftAlone: readonly LeftAlone[], left: readonly Place[]) =>
  leftAlone.filter(({ place }) => !left.some((each) => samePlace(each, place)));

const find = ({ leftAlone }: Left, place: Place) =>
  leftAlone.find((each) => samePlace(each.place, place));

const untilMs = (trouble: Left, place: Place): number => find(trouble, place)?.untilMs ?? 0;

function refuses(trouble: Left, place: Place, now: number): boolean {
  const alone = find(trouble, place);
  return alone !== undefined && alone.refusals > 0 && now < alone.untilMs;
}

export const samePlace = (a: Place, b: Place): boolean =>
  a.market === b.market && a.instanceType === b.instanceType && a.subnetId === b.subnetId;
