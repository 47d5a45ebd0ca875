import { sumOf } from '../statistics.ts';
import type { Numbers } from '../types.ts';

/** Images for the bound: each is divisible work in worker-seconds. */
export interface FluidWork {
  /** Seconds since the beginning of the run, in ascending order. */
  arrivals: Numbers;
  /** Seconds of a whole worker for each image. */
  workerSeconds: Numbers;
}

/** The resolution of time and work. */
export interface Grain {
  slotSeconds: number;
  /** Chunks that a worker does in a slot. */
  chunksPerSlot: number;
}

/**
 * Work in whole chunks on a grid of slots, in the order of arrival. Chunk i may be done from the first slot with
 * `released > i`, and is in time until the end of the last slot with `due <= i`.
 */
export interface SlottedWork extends Grain {
  /** By slot: the number of chunks that have arrived. */
  released: Int32Array;
  /** By slot: the number of chunks that are due by its end. */
  due: Int32Array;
  /** All work in worker-seconds, including parts of chunks. */
  workSeconds: number;
}

/** The tolerance for rounding errors of sums, in chunks. */
const ROUNDING = 1e-6;

/**
 * Cuts work into slots and chunks so that all work that could be in time still can be: an image may start at the
 * beginning of the slot in which it arrives and end at the end of the slot in which its wait ends; a chunk of several
 * images may start with the first and is due with the last.
 * @param waitSeconds images answered later than this after their arrival are late
 * @param untilSeconds the latest end of a slot; work that is due after the last slot is left out
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
  // The remainder that fills no whole chunk is left out.
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
