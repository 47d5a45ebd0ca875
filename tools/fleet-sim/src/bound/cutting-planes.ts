/** A point: the two multipliers. */
export type Point = readonly [number, number];

/** A concave function at a point, and a slope of it there (a supergradient). */
export interface Value {
  value: number;
  slope: Point;
}

/** A plane that the function lies below: value = offset + slope . point */
interface Plane {
  offset: number;
  slope: Point;
}

/** A line in the plane of the multipliers: a . point = b */
interface Line {
  a: Point;
  b: number;
}

export interface Maximum {
  value: number;
  /** The function is nowhere above this. */
  atMost: number;
}

/**
 * The greatest value of a concave function over [0, most[0]] x [0, most[1]], by Kelley's cutting planes: each
 * evaluation gives a plane that the function lies below, and the next point is where the lowest of all planes
 * is highest. Whatever the number of steps, `value` is a value of the function.
 * @param tolerance stops when `value` is so close, by share, to what is possible at most
 */
export function maximise(
  evaluate: (point: Point) => Value,
  most: Point,
  { steps = 25, tolerance = 0.001 } = {},
): Maximum {
  const planes: Plane[] = [];
  let best = -Infinity;
  let top: { point: Point; value: number } = { point: [most[0], 0], value: Infinity };
  for (let step = 0; step < steps; step++) {
    const { value, slope } = evaluate(top.point);
    best = Math.max(best, value);
    planes.push({ slope, offset: value - dot(slope, top.point) });
    top = highest(planes, most);
    if (top.value - best <= tolerance * Math.abs(best)) break;
  }
  return { value: best, atMost: Math.max(best, top.value) };
}

/** Where the lowest plane is highest: at a corner of the faces that the planes and the box make. */
function highest(planes: readonly Plane[], most: Point): { point: Point; value: number } {
  const lines: Line[] = [
    { a: [1, 0], b: 0 },
    { a: [1, 0], b: most[0] },
    { a: [0, 1], b: 0 },
    { a: [0, 1], b: most[1] },
  ];
  for (const [index, one] of planes.entries()) {
    for (const other of planes.slice(index + 1)) {
      const a: Point = [one.slope[0] - other.slope[0], one.slope[1] - other.slope[1]];
      lines.push({ a, b: other.offset - one.offset });
    }
  }
  let best: { point: Point; value: number } = { point: [0, 0], value: -Infinity };
  for (const [index, one] of lines.entries()) {
    for (let second = index + 1; second < lines.length; second++) {
      const point = crossing(one, lines[second], most);
      if (point === undefined) continue;
      const value = Math.min(...planes.map((plane) => plane.offset + dot(plane.slope, point)));
      if (value > best.value) best = { point, value };
    }
  }
  return best;
}

function crossing(one: Line, other: Line | undefined, most: Point): Point | undefined {
  if (other === undefined) return undefined;
  const determinant = one.a[0] * other.a[1] - one.a[1] * other.a[0];
  if (Math.abs(determinant) < 1e-12) return undefined;
  const x = (one.b * other.a[1] - other.b * one.a[1]) / determinant;
  const y = (one.a[0] * other.b - other.a[0] * one.b) / determinant;
  const edge = 1e-9;
  const inside = x >= -edge && y >= -edge && x <= most[0] + edge && y <= most[1] + edge;
  if (!inside) return undefined;
  return [Math.min(Math.max(x, 0), most[0]), Math.min(Math.max(y, 0), most[1])];
}

const dot = (one: Point, other: Point): number => one[0] * other[0] + one[1] * other[1];
