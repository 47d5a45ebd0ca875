/**
 * Seconds until an image is done that waits behind `work` seconds of other images. The workers share the work, each
 * from the moment it is up.
 * @param work seconds of one worker for the images ahead
 * @param service seconds of one worker for the image itself
 * @param startTimes seconds from now until each worker is up, soonest first; Infinity: not counted on
 * @returns null if no worker is expected
 */
export function finishWork(
  work: number,
  service: number,
  startTimes: readonly number[],
): number | null {
  let left = work;
  for (const [index, startsAt] of startTimes.entries()) {
    if (startsAt === Infinity) return null;
    // With the first `index + 1` workers up, until the next one joins them.
    const serving = index + 1;
    const until = startTimes[serving] ?? Infinity;
    if (left <= serving * (until - startsAt)) return startsAt + left / serving + service;
    left -= serving * (until - startsAt);
  }
  return null;
}
