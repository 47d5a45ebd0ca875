/** A small world of whole seconds: images of one second each, workers that do one at a time. */
export interface SmallWorld {
  /** In ascending order. */
  arrivals: readonly number[];
  /** Each window has its own condition on its images. */
  windowSeconds: number;
  /** By window. */
  waitSeconds: readonly number[];
  /** By window. */
  mostLate: readonly number[];
  bootSeconds: number;
  minimumSeconds: number;
}

/** An instance by the seconds in which its worker is up: the first, and the first in which it is not. */
type Up = readonly [from: number, to: number];

/** The lowest billed seconds of any schedule of at most two instances, by brute force. */
export function leastOfAll(world: SmallWorld): number {
  const { arrivals, waitSeconds } = world;
  const end = (arrivals.at(-1) ?? 0) + Math.max(...waitSeconds) + arrivals.length + 1;
  const ups: Up[] = [];
  for (let from = 0; from < end; from++) {
    for (let to = from + 1; to <= end; to++) ups.push([from, to]);
  }
  const promises = everyPromise(world);
  let best = Infinity;
  const consider = (instances: readonly Up[]) => {
    const upSeconds = instances.reduce((sum, [from, to]) => sum + to - from, 0);
    const cost = billed(world, instances);
    if (cost >= best || upSeconds < arrivals.length) return;
    if (promises.some((due) => serves(arrivals, due, instances, end))) best = cost;
  };
  for (const [index, one] of ups.entries()) {
    consider([one]);
    for (const other of ups.slice(index)) consider([one, other]);
  }
  return best;
}

const billed = ({ bootSeconds, minimumSeconds }: SmallWorld, instances: readonly Up[]): number =>
  instances.reduce((sum, [from, to]) => sum + Math.max(minimumSeconds, bootSeconds + to - from), 0);

/** The due time of each image for every choice of late images, which are never due. */
function everyPromise({ arrivals, windowSeconds, ...world }: SmallWorld): number[][] {
  const windowOf = (at: number) => Math.floor(at / windowSeconds);
  let promises: { due: number[]; late: number[] }[] = [{ due: [], late: [] }];
  for (const at of arrivals) {
    const window = windowOf(at);
    promises = promises.flatMap(({ due, late }) => {
      const inTime = { due: [...due, at + (world.waitSeconds[window] ?? 0)], late };
      const lateNow = (late[window] ?? 0) + 1;
      if (lateNow > (world.mostLate[window] ?? 0)) return [inTime];
      const counted = [...late];
      counted[window] = lateNow;
      return [inTime, { due: [...due, Infinity], late: counted }];
    });
  }
  return promises.map(({ due }) => due);
}

/** True if every image is served before it is due, the earliest due first. */
function serves(
  arrivals: readonly number[],
  due: readonly number[],
  instances: readonly Up[],
  end: number,
): boolean {
  const open = arrivals.map((at, image) => ({ at, due: due[image] ?? 0 }));
  open.sort((a, b) => a.due - b.due);
  for (let second = 0; second < end; second++) {
    let free = instances.filter(([from, to]) => from <= second && second < to).length;
    for (; free > 0; free--) {
      const next = open.findIndex(({ at }) => at <= second);
      if (next < 0) break;
      if ((open[next]?.due ?? 0) < second + 1) return false;
      open.splice(next, 1);
    }
  }
  return open.length === 0;
}
