import type { EventOf } from '../history/event.ts';

/** The prefix of the names of poison images. */
export const POISON_NAME = 'poison-';

/** The first attempt is not recorded, three are, and there is no fifth (P4). */
export const POISON_KILLS = 4;

export const POISON_STEP = 'before the result of a poison image is stored';

/** How many images have killed a worker with every attempt they had. */
export function countPoisonous(kills: readonly EventOf<'killed'>[]): number {
  const byRequest = Map.groupBy(
    kills.filter(({ step }) => step === POISON_STEP),
    ({ holding }) => holding[0],
  );
  return [...byRequest.values()].filter((each) => each.length >= POISON_KILLS).length;
}
