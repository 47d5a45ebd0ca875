/** A point: the part's own coordinate, and the one that all parts share. */
export type Point = readonly [own: number, shared: number];

/** The value of a concave function at a point, and a supergradient there. */
export interface Value {
  value: number;
  slope: Point;
}

/** A plane above a part: value = offset + slope . point */
interface Plane {
  offset: number;
  slope: Point;
}

export interface Maximum {
  value: number;
  /** An upper bound of the sum. */
  atMost: number;
}

/** The highest point below all planes for a given shared coordinate. */
interface Top {
  own: number;
  value: number;
  /** Its slope along the shared coordinate. */
  slope: number;
}

/**
 * Maximizes a sum of concave functions, the parts, over [0, most[0]] x [0, most[1]], with a common second coordinate.
 * Kelley's cutting-plane method: each evaluation gives a plane above its part, and the next point maximizes the sum
 * of the lowest planes. After any number of steps `value` is a value of the sum.
 * @param tolerance stops when `value` is this close to the upper bound, relatively
 */
export function maximise(
  parts: readonly ((point: Point) => Value)[],
  most: Point,
  { steps = 25, tolerance = 0.001 } = {},
): Maximum {
  const planes: Plane[][] = parts.map(() => []);
  let points = parts.map((): Point => [most[0], 0]);
  let best = -Infinity;
  let atMost = Infinity;
  for (let step = 0; step < steps; step++) {
    let sum = 0;
    for (const [index, part] of parts.entries()) {
      const point = points[index] ?? [0, 0];
      const { value, slope } = part(point);
      sum += value;
      planes[index]?.push({ slope, offset: value - slope[0] * point[0] - slope[1] * point[1] });
    }
    best = Math.max(best, sum);
    const shared = highestShared(planes, most);
    const tops = planes.map((ofPart) => highest(ofPart, shared, most[0]));
    points = tops.map(({ own }) => [own, shared]);
    atMost = tops.reduce((total, { value }) => total + value, 0);
    if (atMost - best <= tolerance * Math.abs(best)) break;
  }
  return { value: best, atMost: Math.max(best, atMost) };
}

/** The shared coordinate that maximizes the sum of the tops, by bisection on its slope. */
function highestShared(planes: readonly (readonly Plane[])[], most: Point): number {
  const rises = (shared: number) =>
    planes.reduce((sum, ofPart) => sum + highest(ofPart, shared, most[0]).slope, 0) > 0;
  if (!rises(0)) return 0;
  if (rises(most[1])) return most[1];
  let low = 0;
  let high = most[1];
  for (let halvings = 0; halvings < 50; halvings++) {
    const middle = (low + high) / 2;
    if (rises(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** The maximum of the lowest plane, found by ascending from 0. */
function highest(planes: readonly Plane[], shared: number, mostOwn: number): Top {
  const lines = planes.map(({ offset, slope }) => ({
    at0: offset + slope[1] * shared,
    rise: slope[0],
    slope: slope[1],
  }));
  let lowest = lines.reduce((low, line) =>
    line.at0 < low.at0 || (line.at0 === low.at0 && line.rise < low.rise) ? line : low,
  );
  let before = lowest;
  let own = 0;
  while (lowest.rise > 0) {
    let next = lowest;
    let crossing = Infinity;
    for (const line of lines) {
      if (line.rise >= lowest.rise) continue;
      const at = (line.at0 - lowest.at0) / (lowest.rise - line.rise);
      if (at > crossing || (at === crossing && line.rise > next.rise)) continue;
      crossing = at;
      next = line;
    }
    if (crossing >= mostOwn) {
      return { own: mostOwn, value: lowest.at0 + lowest.rise * mostOwn, slope: lowest.slope };
    }
    own = Math.max(own, crossing);
    before = lowest;
    lowest = next;
  }
  // The top between a rising and a falling line moves with both.
  const share = before.rise > 0 ? -lowest.rise / (before.rise - lowest.rise) : 0;
  return {
    own,
    value: lowest.at0 + lowest.rise * own,
    slope: share * before.slope + (1 - share) * lowest.slope,
  };
}
