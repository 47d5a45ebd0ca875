/**
 * A lower bound of the cost of launches before their workers are up, when boots differ: a schedule of m launches
 * gets the first m boots of the run. For every m up to the number of known boots,
 *
 *     sum of max(least, boot + up)  >=  sum of max(least, typical + up)  -  spared * m  -  once
 *
 * so that all launches can be charged equally.
 */
export interface BootCharge {
  typicalSeconds: number;
  sparedSeconds: number;
  onceSeconds: number;
}

/**
 * The charge closest to the true cost of a schedule of `launches`: the lowest line at that number above the sums of
 * the differences between the typical boot and the first boots.
 * @param boots in the order of launches; not empty
 */
export function chargeBoots(boots: Float64Array, launches: number): BootCharge {
  const typicalSeconds = [...boots].sort((a, b) => a - b)[Math.floor((boots.length - 1) / 2)] ?? 0;
  const short = new Float64Array(boots.length + 1);
  for (const [index, boot] of boots.entries()) {
    short[index + 1] = (short[index] ?? 0) + Math.max(0, typicalSeconds - boot);
  }
  const at = Math.min(Math.max(1, Math.round(launches)), boots.length);
  const sparedSeconds = hullSlope(short, at);
  let onceSeconds = 0;
  for (const [count, sum] of short.entries()) {
    onceSeconds = Math.max(onceSeconds, sum - sparedSeconds * count);
  }
  return { typicalSeconds, sparedSeconds, onceSeconds };
}

/** The slope, left of `at`, of the upper hull of a growing sequence that starts at 0. */
function hullSlope(values: Float64Array, at: number): number {
  const hull: number[] = [];
  const slope = (from: number, to: number) =>
    ((values[to] ?? 0) - (values[from] ?? 0)) / (to - from);
  for (let index = 0; index < values.length; index++) {
    while (hull.length > 1) {
      const [before = 0, last = 0] = hull.slice(-2);
      if (slope(before, last) > slope(last, index)) break;
      hull.pop();
    }
    hull.push(index);
  }
  const end = Math.max(
    1,
    hull.findIndex((index) => index >= at),
  );
  return slope(hull[end - 1] ?? 0, hull[end] ?? 1);
}
