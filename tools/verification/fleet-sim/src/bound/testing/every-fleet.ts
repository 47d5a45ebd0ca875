import type { FleetCosts, Prices } from '../fleet-program.ts';
import { sumOf } from '../../statistics.ts';
import type { SlottedWork } from '../slotted-work.ts';

/** The cheapest fleet of at most `maxWorkers` by brute force. */
export function cheapestOfAll(work: SlottedWork, costs: FleetCosts, prices: Prices): number {
  let best = Infinity;
  for (const fleet of everyFleet(work.released.length, costs.maxWorkers)) {
    if (!staysForLongEnough(fleet, costs)) continue;
    const up = sumOf(fleet) + unpaidRest(fleet, costs);
    const launches = fleet.reduce(
      (sum, workers, slot) => sum + Math.max(0, workers - upBefore(fleet, slot, costs)),
      0,
    );
    const cost =
      up * work.slotSeconds * (1 - prices.use) +
      launches * costs.launchSeconds +
      lateChunks(work, fleet) * prices.late;
    best = Math.min(best, cost);
  }
  return best;
}

function* everyFleet(slots: number, most: number): Generator<number[]> {
  if (slots === 0) {
    yield [];
    return;
  }
  for (const rest of everyFleet(slots - 1, most)) {
    for (let workers = 0; workers <= most; workers++) yield [workers, ...rest];
  }
}

/** Workers in the previous slot; those of the first slot if any number may be up before it. */
const upBefore = (fleet: readonly number[], slot: number, { anyBefore }: FleetCosts): number =>
  fleet[slot === 0 && anyBefore ? 0 : slot - 1] ?? 0;

/** True if each fleet grown from zero stays long enough or until the end of the grid. */
function staysForLongEnough(fleet: readonly number[], costs: FleetCosts): boolean {
  return fleet.every((workers, slot) => {
    const grows = workers > 0 && upBefore(fleet, slot, costs) === 0;
    return !grows || fleet.slice(slot, slot + costs.leastSlots).every((later) => later > 0);
  });
}

/** Paid slots after the end of the grid for which the last fleet must stay. */
function unpaidRest(
  fleet: readonly number[],
  { leastSlots, anyBefore, slotsAfter }: FleetCosts,
): number {
  const grown = fleet.lastIndexOf(0) + 1;
  if (grown === fleet.length || (grown === 0 && anyBefore)) return 0;
  return Math.min(slotsAfter, Math.max(0, leastSlots - (fleet.length - grown)));
}

/** Each slot does the chunks with the earliest due slot of those that arrived and are not late. */
function lateChunks(
  { released, due, chunksPerSlot }: SlottedWork,
  fleet: readonly number[],
): number {
  const open: number[] = [];
  let known = 0;
  let late = 0;
  for (const [slot, workers] of fleet.entries()) {
    while (known < (released[slot] ?? 0)) open.push(known++);
    open.splice(0, workers * chunksPerSlot);
    while (open.length > 0 && (open[0] ?? 0) < (due[slot] ?? 0)) {
      open.shift();
      late++;
    }
  }
  return late;
}
