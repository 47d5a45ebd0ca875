import type { LaunchOutcome, LaunchRequest } from '@labelfleet/aws/fleet';
import { backOff, NO_BACKOFF, type Backoff } from './backoff.ts';

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
  /** Places without room, and until when each is left alone. */
  leftAlone: readonly { place: Place; untilMs: number }[];
}

export const NO_TROUBLE: LaunchTrouble = { backoff: NO_BACKOFF, leftAlone: [] };

const LEFT_ALONE_MS = 3 * 60_000;

/**
 * The first refused launches are followed by the next tick's: every image waits for it, and one call a tick is a
 * quarter of what EC2 refills (RunInstances: two tokens a second; EC2 API reference, "Request throttling").
 */
const REFUSALS_TO_DOUBLE = 5;

/** The place to launch in now; undefined while there is none. */
export function choosePlace(
  places: readonly Place[],
  trouble: LaunchTrouble,
  now: number,
): Place | undefined {
  if (now < trouble.backoff.notBeforeMs) return undefined;
  return places.find(
    (place) =>
      !trouble.leftAlone.some((alone) => now < alone.untilMs && samePlace(alone.place, place)),
  );
}

/** `failed`: the call ended without an answer from EC2. */
export type LaunchResult = LaunchOutcome['kind'] | 'failed';

/**
 * What a launch teaches about the next one. Without capacity its place is left alone for 3 min and the next
 * place is tried at the next tick; a quota counts for a type and market in every subnet; anything else is
 * tried again later.
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
  const leftAlone = trouble.leftAlone.filter(({ untilMs }) => now < untilMs);
  const without = (excluded: readonly Place[]) => ({
    backoff: NO_BACKOFF,
    leftAlone: [
      ...leftAlone,
      ...excluded.map((each) => ({ place: each, untilMs: now + LEFT_ALONE_MS })),
    ],
  });
  switch (result) {
    case 'launched':
      return { backoff: NO_BACKOFF, leftAlone };
    case 'no-capacity':
      return without([place]);
    case 'limit':
      return without(
        places.filter(
          ({ instanceType, market }) =>
            instanceType === place.instanceType && market === place.market,
        ),
      );
    case 'throttled':
    case 'refused':
    case 'failed':
      return { backoff: backOff(trouble.backoff, now, random, REFUSALS_TO_DOUBLE), leftAlone };
  }
}

const samePlace = (a: Place, b: Place) =>
  a.market === b.market && a.instanceType === b.instanceType && a.subnetId === b.subnetId;
