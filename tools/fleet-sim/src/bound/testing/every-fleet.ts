import type { FleetCosts, Prices } from '../fleet-program.ts';
import { type SlottedWork, sumOf } from '../slotted-work.ts';

/** The cheapest of all fleets, found by trying every one of at most `maxWorkers` in every slot. */
export function cheapestOfAll(work: SlottedWork, costs: FleetCosts, prices: Prices): number {
  let best = Infinity;
  for (const fleet of everyFleet(work.released.length, costs.maxWorkers)) {
    if (!staysForLongEnough(fleet, costs.leastSlots)) continue;
    const up = sumOf(fleet) + unpaidRest(fleet, costs);
    const launches = fleet.reduce(
      (sum, workers, slot) => sum + Math.max(0, workers - (fleet[slot - 1] ?? 0)),
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

/** Whether each fleet grown from nothing stays, if the grid does not end before. */
function staysForLongEnough(fleet: readonly number[], leastSlots: number): boolean {
  return fleet.every((workers, slot) => {
    const grows = workers > 0 && (fleet[slot - 1] ?? 0) === 0;
    return !grows || fleet.slice(slot, slot + leastSlots).every((later) => later > 0);
  });
}

/** Slots after the end of the grid that the last fleet has yet to stay. */
function unpaidRest(fleet: readonly number[], { leastSlots }: FleetCosts): number {
  if ((fleet.at(-1) ?? 0) === 0) return 0;
  return Math.max(0, leastSlots - (fleet.length - 1 - fleet.lastIndexOf(0)));
}

/** Chunk by chunk: each slot does the earliest due of those that are there and not yet late. */
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
