import { sumOf } from '../statistics.ts';
import type { Numbers } from '../types.ts';

/** Images as the bound sees them: each is worker-seconds of work that may be cut into pieces. */
export interface FluidWork {
  /** Seconds since the beginning of the run, in ascending order. */
  arrivals: Numbers;
  /** Of each image: seconds of a whole worker. */
  workerSeconds: Numbers;
}

/** How finely time and work are cut. */
export interface Grain {
  slotSeconds: number;
  /** Chunks of work that one worker does in a slot. */
  chunksPerSlot: number;
}

/**
 * Work in whole chunks, in the order of arrival, on a grid of slots. Chunk number i may be done from the first
 * slot with `released > i` on, and is in time until the end of the last slot with `due <= i`.
 */
export interface SlottedWork extends Grain {
  /** By slot: chunks that have arrived by then. */
  released: Int32Array;
  /** By slot: chunks that are late if they are not done by the end of the slot. */
  due: Int32Array;
  /** All work, in worker-seconds, whole chunks or not. */
  workSeconds: number;
}

/** What sums of many small numbers may be off by, in chunks. */
const ROUNDING = 1e-6;

/**
 * Cuts work into slots and chunks, so that whatever could be done in time still can be: an image may be begun
 * from the beginning of the slot it arrives in and be finished by the end of the slot in which its wait is over;
 * a chunk made of several images may be begun with the first of them and is due with the last.
 * @param waitSeconds images answered later than this after their arrival are late
 * @param untilSeconds the grid has no slot that ends later, and no work that is due after its last slot
 */
export function slotWork(
  work: FluidWork,
  waitSeconds: number,
  grain: Grain,
  untilSeconds = Infinity,
): SlottedWork {
  const { arrivals, workerSeconds } = work;
  const { slotSeconds } = grain;
  const chunkSeconds = slotSeconds / grain.chunksPerSlot;
  const workSeconds = sumOf(workerSeconds);
  // The rest of the last image's work that makes no whole chunk is left out.
  const chunks = Math.floor(workSeconds / chunkSeconds + ROUNDING);
  const last = arrivals[arrivals.length - 1] ?? 0;
  const slots = Math.min(
    Math.floor((last + waitSeconds) / slotSeconds) + 1,
    Math.floor(untilSeconds / slotSeconds),
  );
  const released = new Int32Array(slots);
  const due = new Int32Array(slots);
  let releasedSeconds = 0;
  let dueSeconds = 0;
  let arrived = 0;
  let ended = 0;
  for (let slot = 0; slot < slots; slot++) {
    const end = (slot + 1) * slotSeconds;
    for (; (arrivals[arrived] ?? Infinity) < end; arrived++) {
      releasedSeconds += workerSeconds[arrived] ?? 0;
    }
    for (; (arrivals[ended] ?? Infinity) + waitSeconds < end; ended++) {
      dueSeconds += workerSeconds[ended] ?? 0;
    }
    released[slot] = Math.min(chunks, Math.ceil(releasedSeconds / chunkSeconds - ROUNDING));
    due[slot] = Math.min(chunks, Math.floor(dueSeconds / chunkSeconds + ROUNDING));
  }
  const inTime = due[slots - 1] ?? 0;
  return { ...grain, released: released.map((now) => Math.min(now, inTime)), due, workSeconds };
}
