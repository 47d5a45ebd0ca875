/** A small world of whole seconds: images of one second each, workers that do one at a time. */
export interface SmallWorld {
  /** In ascending order. */
  arrivals: readonly number[];
  waitSeconds: number;
  mostLate: number;
  bootSeconds: number;
  minimumSeconds: number;
}

/** An instance by the seconds in which its worker is up: the first, and the first in which it no longer is. */
type Up = readonly [from: number, to: number];

/** The least that is billed to any schedule of at most two instances, found by trying them all. */
export function leastOfAll(world: SmallWorld): number {
  const end = (world.arrivals.at(-1) ?? 0) + world.waitSeconds + world.arrivals.length + 1;
  const ups: Up[] = [];
  for (let from = 0; from < end; from++) {
    for (let to = from + 1; to <= end; to++) ups.push([from, to]);
  }
  let best = Infinity;
  const consider = (instances: readonly Up[]) => {
    const cost = billed(world, instances);
    if (cost < best && serves(world, instances, end)) best = cost;
  };
  for (const [index, one] of ups.entries()) {
    consider([one]);
    for (const other of ups.slice(index)) consider([one, other]);
  }
  return best;
}

const billed = ({ bootSeconds, minimumSeconds }: SmallWorld, instances: readonly Up[]): number =>
  instances.reduce((sum, [from, to]) => sum + Math.max(minimumSeconds, bootSeconds + to - from), 0);

/** Whether every image is served, and few enough late: those in time first, the earliest first. */
function serves(world: SmallWorld, instances: readonly Up[], end: number): boolean {
  const open = [...world.arrivals];
  const late: number[] = [];
  let lateCount = 0;
  for (let second = 0; second < end; second++) {
    while (open.length > 0 && (open[0] ?? 0) + world.waitSeconds < second + 1) {
      late.push(open.shift() ?? 0);
      lateCount++;
    }
    let free = instances.filter(([from, to]) => from <= second && second < to).length;
    for (; free > 0; free--) {
      if ((open[0] ?? Infinity) <= second) open.shift();
      else late.shift();
    }
  }
  return open.length + late.length === 0 && lateCount <= world.mostLate;
}
