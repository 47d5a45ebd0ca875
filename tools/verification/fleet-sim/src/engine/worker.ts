import type { WorldSettings } from '../types.ts';

/**
 * - `booting`: its worker has not polled yet.
 * - `draining`: takes no more; `drained`: holds nothing.
 * - `ended`: terminated, killed or taken back; not billed any more.
 */
export type WorkerState = 'booting' | 'working' | 'draining' | 'drained' | 'ended';

/** An instance and the worker on it, from launch to end. */
export class Worker {
  /** Place among all that were ever launched. */
  readonly index: number;
  readonly launchedAt: number;
  /** When its worker polls for the first time; Infinity: never. */
  readonly upAt: number;
  state: WorkerState = 'booting';
  endedAt = Infinity;
  /** It stops for good, by a signal or a Spot notice, and ends when it is drained. */
  stopping = false;
  /** The instruction it follows, and the one it has been told and not read yet. */
  following: Instruction | undefined = undefined;
  told: Instruction | undefined = undefined;
  /** Images in its slots, and since when; those that wait for a thread. */
  readonly inHand: number[] = [];
  readonly takenAt: number[] = [];
  readonly ready: number[] = [];
  busyThreads = 0;
  imagesCompleted = 0;
  /** Seconds with an image in hand, up to `since`. */
  busySeconds = 0;
  /** Of them, with an image in every slot, up to `fullSince`; and images completed out of that. */
  fullSeconds = 0;
  completedWhileFull = 0;
  fullSince = 0;
  /** When it last became busy or, while it is not, last stopped being so. */
  since: number;
  /** Since when no poll has brought anything and none was put off by full slots. */
  pollsSince = 0;
  /** While it drains: when the poll ends that it began before. */
  pollEndsAt = 0;
  /** Its place among those that poll with a free slot; -1: not there. */
  pollPlace = -1;
  /** When it reads its tags: so long after each 2 s. */
  readonly readsTagsAt: number;
  /** Counts changes that are reported at once, so that the timer of an older report counts for nothing. */
  reportTimer = 0;

  constructor(index: number, launchedAt: number, upAt: number, readsTagsAt: number) {
    this.index = index;
    this.launchedAt = launchedAt;
    this.upAt = upAt;
    this.since = upAt;
    this.readsTagsAt = readsTagsAt;
  }

  get busy(): boolean {
    return this.inHand.length > 0;
  }
}

/** What a tag tells a worker: the newest one holds. */
export interface Instruction {
  kind: 'drain' | 'resume';
  id: string;
}

/** When the long poll that runs at this time ends, if nothing comes. */
export function pollEnd(worker: Worker, world: WorldSettings, now: number): number {
  const polls = Math.floor((now - worker.pollsSince) / world.pollSeconds) + 1;
  return worker.pollsSince + polls * world.pollSeconds;
}

/** For how long no image has been here; 0 while busy and until a poll has come back empty since. */
export function idleSeconds(worker: Worker, world: WorldSettings, now: number): number {
  if (worker.busy) return 0;
  const lastEnd = pollEnd(worker, world, now) - world.pollSeconds;
  const polledInVain = lastEnd > worker.pollsSince && lastEnd >= worker.since;
  return polledInVain ? now - worker.since : 0;
}

/** Seconds with an image in hand so far. */
export const busySecondsAt = (worker: Worker, now: number): number =>
  worker.busySeconds + (worker.busy ? now - worker.since : 0);

/** Seconds with an image in every slot so far. */
export const fullSecondsAt = (worker: Worker, world: WorldSettings, now: number): number =>
  worker.fullSeconds + (worker.inHand.length === world.slots ? now - worker.fullSince : 0);

/** When a worker that is told something now reads it: tags are read every 2 s. */
export function nextTagRead(worker: Worker, now: number): number {
  const READ_EVERY = 2;
  const reads = Math.floor((now - worker.readsTagsAt) / READ_EVERY) + 1;
  return worker.readsTagsAt + reads * READ_EVERY;
}
