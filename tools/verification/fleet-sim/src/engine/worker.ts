import { imagesPerMs, messagesToReceive } from '@labelfleet/worker/protocol';
import type { WorldSettings } from '../world-settings.ts';
import type { Chunk } from './jobs.ts';

/**
 * - `booting`: its worker has not polled yet.
 * - `draining`: receives no more; `drained`: has no image.
 * - `ended`: terminated, killed or interrupted; no longer billed.
 */
export type WorkerState = 'booting' | 'working' | 'draining' | 'drained' | 'ended';

/** An instance and the worker on it, from launch to end. */
export class Worker {
  /** The number of its launch, from 0. */
  readonly index: number;
  readonly launchedAt: number;
  /** When its worker polls for the first time; Infinity: never. */
  readonly upAt: number;
  state: WorkerState = 'booting';
  endedAt = Infinity;
  /** True after SIGTERM or a Spot notice; the worker ends when it is drained. */
  stopping = false;
  /** The instruction that it follows, and a newer one in its tags that it has not read. */
  following: Instruction | undefined = undefined;
  tagged: Instruction | undefined = undefined;
  /** Images in its hands, when they were received, and those that wait for a thread. */
  readonly held: number[] = [];
  readonly takenAt: number[] = [];
  readonly ready: number[] = [];
  busyThreads = 0;
  /** Its chunks of jobs, which need no slot; and its images of jobs, and their seconds on a thread. */
  readonly chunks: Chunk[] = [];
  jobImages = 0;
  jobClassifySeconds = 0;
  /** The mean time of its images in milliseconds; undefined before the first one. */
  imageMs: number | undefined = undefined;
  imagesCompleted = 0;
  /** Seconds with at least one image, up to `since`. */
  busySeconds = 0;
  /** Seconds with an image in every slot, up to `fullSince`, and images completed from that state. */
  fullSeconds = 0;
  completedWhileFull = 0;
  fullSince = 0;
  /** When it last became busy or idle. */
  since: number;
  /** The start of its series of empty polls. */
  pollsSince = 0;
  /** The end of the poll that was running when it began to drain. */
  pollEndsAt = 0;
  /** Its index in the list of workers that poll; -1: not in it. */
  pollPlace = -1;
  /** The offset of its tag reads, which are 2 s apart. */
  readonly readsTagsAt: number;
  /** Counts heartbeats, so that the timer of an older one is ignored. */
  reportTimer = 0;

  constructor(index: number, launchedAt: number, upAt: number, readsTagsAt: number) {
    this.index = index;
    this.launchedAt = launchedAt;
    this.upAt = upAt;
    this.since = upAt;
    this.readsTagsAt = readsTagsAt;
  }

  get busy(): boolean {
    return this.held.length > 0;
  }
}

/** An instruction in a worker's tags; the newest applies. */
export interface Instruction {
  kind: 'drain' | 'resume';
  id: string;
}

/** How many images it receives now. */
export const room = ({ held, imageMs }: Worker, { slots, threads }: WorldSettings): number =>
  messagesToReceive(slots, held.length, imagesPerMs(threads, imageMs));

/** The end of the current long poll, if it stays empty. */
export function pollEnd(worker: Worker, world: WorldSettings, now: number): number {
  const polls = Math.floor((now - worker.pollsSince) / world.pollSeconds) + 1;
  return worker.pollsSince + polls * world.pollSeconds;
}

/** Seconds since the last image; 0 while busy and until a later poll has been empty. */
export function idleSeconds(worker: Worker, world: WorldSettings, now: number): number {
  if (worker.busy) return 0;
  const lastEnd = pollEnd(worker, world, now) - world.pollSeconds;
  const polledEmpty = lastEnd > worker.pollsSince && lastEnd >= worker.since;
  return polledEmpty ? now - worker.since : 0;
}

/** Seconds with at least one image so far. */
export const busySecondsAt = (worker: Worker, now: number): number =>
  worker.busySeconds + (worker.busy ? now - worker.since : 0);

/** Seconds with an image in every slot so far. */
export const fullSecondsAt = (worker: Worker, world: WorldSettings, now: number): number =>
  worker.fullSeconds + (worker.held.length >= world.slots ? now - worker.fullSince : 0);

/** When a worker reads a tag that is set now; it reads its tags every 2 s. */
export function nextTagRead(worker: Worker, now: number): number {
  const READ_EVERY = 2;
  const reads = Math.floor((now - worker.readsTagsAt) / READ_EVERY) + 1;
  return worker.readsTagsAt + reads * READ_EVERY;
}
