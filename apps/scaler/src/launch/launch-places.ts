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
export interface LaunchFailures {
  backoff: Backoff;
  avoided: readonly AvoidedPlace[];
}

/** A place without room, or one where launches are refused. */
interface AvoidedPlace {
  place: Place;
  untilMs: number;
  /** Launches refused there in a row; 0: there was no room. */
  refusals: number;
}

export const NO_LAUNCH_FAILURES: LaunchFailures = { backoff: NO_BACKOFF, avoided: [] };

const AVOID_MS = 3 * 60_000;

/** The longest that a place is left alone: what is refused for good costs one launch in half an hour. */
const MAX_AVOID_MS = 30 * 60_000;

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
  failures: LaunchFailures,
  now: number,
  avoid: readonly Place[] = [],
): Place | undefined {
  const open = places.filter((place) => isOpen(places, failures, place, now));
  const free = open.filter((place) => now >= untilMs(failures, place));
  return (
    free.find((place) => !avoid.some((each) => samePlace(each, place))) ??
    free[0] ??
    open.toSorted((a, b) => untilMs(failures, a) - untilMs(failures, b))[0]
  );
}

/** Whether a launch may be sent to this place now. */
export const isOpen = (
  places: readonly Place[],
  failures: LaunchFailures,
  place: Place,
  now: number,
): boolean =>
  now >= failures.backoff.notBeforeMs &&
  (now >= untilMs(failures, place) || places.every((each) => refuses(failures, each, now)));

/** The places of these that refuse launches. */
export const refusingPlaces = (
  places: readonly Place[],
  failures: LaunchFailures,
  now: number,
): Place[] => places.filter((place) => refuses(failures, place, now));

/** `failed`: the call ended without an answer from EC2, or with one that leaves open what it did. */
export type LaunchResult = LaunchOutcome['kind'] | 'failed';

/**
 * What a launch teaches about the next one. Without capacity its place is left alone for 3 min, a quota counts
 * for a type and market in every subnet, and a place that refuses is left alone for 3 min, then 6, up to 30; the
 * next place is tried at the next tick. Anything else is tried again later.
 * @param random 0 to 1
 */
export function afterLaunch(
  failures: LaunchFailures,
  places: readonly Place[],
  place: Place,
  result: LaunchResult,
  now: number,
  random: number,
): LaunchFailures {
  const later = () => backOff(failures.backoff, now, random, FAILURES_TO_DOUBLE);
  switch (result) {
    case 'launched':
      return { backoff: NO_BACKOFF, avoided: except(failures.avoided, [place]) };
    case 'no-capacity':
      return { backoff: NO_BACKOFF, avoided: avoid(failures, [place], now + AVOID_MS, 0) };
    case 'limit': {
      const ofType = places.filter(
        ({ instanceType, market }) =>
          instanceType === place.instanceType && market === place.market,
      );
      return { backoff: NO_BACKOFF, avoided: avoid(failures, ofType, now + AVOID_MS, 0) };
    }
    case 'refused': {
      const refusals = (find(failures, place)?.refusals ?? 0) + 1;
      const ms = Math.min(MAX_AVOID_MS, AVOID_MS * 2 ** (refusals - 1));
      const avoided = avoid(failures, [place], now + ms, refusals);
      const everywhere = places.every((each) => refuses({ avoided }, each, now));
      return { backoff: everywhere ? later() : NO_BACKOFF, avoided };
    }
    case 'throttled':
    case 'not-authenticated':
    case 'failed':
      return { backoff: later(), avoided: failures.avoided };
  }
}

type Avoided = Pick<LaunchFailures, 'avoided'>;

const avoid = (
  { avoided }: Avoided,
  left: readonly Place[],
  untilMs: number,
  refusals: number,
): AvoidedPlace[] => [
  ...except(avoided, left),
  ...left.map((place) => ({ place, untilMs, refusals })),
];

const except = (avoided: readonly AvoidedPlace[], left: readonly Place[]) =>
  avoided.filter(({ place }) => !left.some((each) => samePlace(each, place)));

const find = ({ avoided }: Avoided, place: Place) =>
  avoided.find((each) => samePlace(each.place, place));

const untilMs = (failures: Avoided, place: Place): number => find(failures, place)?.untilMs ?? 0;

function refuses(failures: Avoided, place: Place, now: number): boolean {
  const avoidedPlace = find(failures, place);
  return avoidedPlace !== undefined && avoidedPlace.refusals > 0 && now < avoidedPlace.untilMs;
}

export const samePlace = (a: Place, b: Place): boolean =>
  a.market === b.market && a.instanceType === b.instanceType && a.subnetId === b.subnetId;
