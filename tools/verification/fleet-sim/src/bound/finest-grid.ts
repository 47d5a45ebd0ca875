import { type FluidWork, slotWork, type SlottedWork } from './slotted-work.ts';

const SLOT_SECONDS = [1, 2, 5, 10, 20] as const;
const CHUNKS_PER_SLOT = [64, 32, 16, 8, 4, 2] as const;

interface Wanted {
  work: FluidWork;
  waitSeconds: number;
  untilSeconds: number;
  maxWorkers: number;
  /** The longest slot. */
  mostSlotSeconds: number;
  /** The largest number of states of the dynamic program. */
  mostStates: number;
}

/**
 * The searchable grid that adds the least to the waits of images; undefined if none is small enough.
 */
export function finestGrid(wanted: Wanted): SlottedWork | undefined {
  let best: { beyondSeconds: number; work: SlottedWork } | undefined;
  for (const slotSeconds of SLOT_SECONDS.filter((seconds) => seconds <= wanted.mostSlotSeconds)) {
    const slotted = finestChunks(wanted, slotSeconds);
    if (slotted === undefined) continue;
    const load = slotted.workSeconds / (slotted.released.length * slotSeconds);
    const beyondSeconds = slotSeconds + slotSeconds / slotted.chunksPerSlot / load;
    if (best === undefined || beyondSeconds < best.beyondSeconds) {
      best = { beyondSeconds, work: slotted };
    }
  }
  return best?.work;
}

function finestChunks(
  { work, waitSeconds, untilSeconds, maxWorkers, mostStates }: Wanted,
  slotSeconds: number,
): SlottedWork | undefined {
  for (const chunksPerSlot of CHUNKS_PER_SLOT) {
    const slotted = slotWork(work, waitSeconds, { slotSeconds, chunksPerSlot }, untilSeconds);
    if (statesOf(slotted, maxWorkers) <= mostStates) return slotted;
  }
  return undefined;
}

function statesOf({ released, due, chunksPerSlot }: SlottedWork, maxWorkers: number): number {
  let states = 0;
  let most = 0;
  for (const [slot, now] of released.entries()) {
    const waiting = now - (due[slot - 1] ?? 0);
    states += waiting + 1;
    most = Math.max(most, waiting);
  }
  return states * (Math.min(maxWorkers, Math.ceil(most / chunksPerSlot)) + 1);
}
