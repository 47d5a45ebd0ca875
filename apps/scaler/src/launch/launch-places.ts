import type { LaunchOutcome, LaunchRequest } from '@labelfleet/aws/fleet';
import { backOff, NO_BACKOFF, type Backoff } from '../act/backoff.ts';

/** Where to launch; the launch template decides what is undefined. */
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

/** Recent failures of launches. */
export interface LaunchFailures {
  backoff: Backoff;
  avoided: readonly AvoidedPlace[];
}

/** A place without capacity, or one where launches are refused. */
interface AvoidedPlace {
  place: Place;
  untilMs: number;
  /** Launches refused there in a row; 0 if there was no capacity. */
  refusals: number;
}

export const NO_LAUNCH_FAILURES: LaunchFailures = { backoff: NO_BACKOFF, avoided: [] };

const AVOID_MS = 3 * 60_000;

/** The longest time for which a place is avoided: a permanent refusal costs one launch every half hour. */
const MAX_AVOID_MS = 30 * 60_000;

/**
 * After the first failures the next tick tries again, because images are waiting and one call a tick is a quarter
 * of what EC2 refills (RunInstances: two tokens a second; EC2 API reference, "Request throttling").
 */
const FAILURES_TO_DOUBLE = 5;

/**
 * The place to launch in now; undefined if there is none. If every place refuses launches, it is the place that is
 * avoided for the shortest time, after the backoff, because an operator may have corrected the cause.
 * @param avoid places to use only if there is no other
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

/** True if a launch may be sent to this place now. */
export const isOpen = (
  places: readonly Place[],
  failures: LaunchFailures,
  place: Place,
  now: number,
): boolean =>
  now >= failures.backoff.notBeforeMs &&
  (now >= untilMs(failures, place) || places.every((each) => refuses(failures, each, now)));

/** Those of the places that refuse launches. */
export const refusingPlaces = (
  places: readonly Place[],
  failures: LaunchFailures,
  now: number,
): Place[] => places.filter((place) => refuses(failures, place, now));

/** `failed`: the call ended without a response from EC2, or its outcome is unknown. */
export type LaunchResult = LaunchOutcome['kind'] | 'failed';

/**
 * Updates the failures with the outcome of a launch. A place without capacity is avoided for 3 min; a quota does so
 * for its type and market in every subnet; a place that refuses is avoided for 3 min, then 6, up to 30. The next
 * tick tries the next place. Any other failure is retried after a backoff.
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
