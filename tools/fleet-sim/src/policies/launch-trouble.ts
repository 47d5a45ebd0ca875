/** When launches may be tried again. */
export interface LaunchTrouble {
  failures: number;
  notBefore: number;
}

export const NO_TROUBLE: LaunchTrouble = { failures: 0, notBefore: 0 };

const LEFT_ALONE_SECONDS = 180;
const LEAST_SECONDS = 1;
const MOST_SECONDS = 60;
const FAILURES_TO_DOUBLE = 5;

/**
 * As the scaler does in its one place: without capacity it is left alone for 3 min; after other trouble it is
 * tried again with full jitter, between 1 s and a bound that doubles with every fifth failure in a row, up to 60 s.
 * @param random 0 to 1
 */
export function afterLaunch(
  trouble: LaunchTrouble,
  answer: 'launched' | 'no-capacity' | 'throttled' | 'failed',
  now: number,
  random: number,
): LaunchTrouble {
  if (answer === 'launched') return NO_TROUBLE;
  if (answer === 'no-capacity') return { failures: 0, notBefore: now + LEFT_ALONE_SECONDS };
  const failures = trouble.failures + 1;
  const bound = Math.min(MOST_SECONDS, LEAST_SECONDS * 2 ** (failures / FAILURES_TO_DOUBLE));
  return { failures, notBefore: now + LEAST_SECONDS + random * (bound - LEAST_SECONDS) };
}
