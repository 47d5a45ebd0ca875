import { mean } from '../../statistics.ts';
import type { QueueCounts } from '../../engine/image-queue.ts';
import type { Policy } from '../../engine/simulate.ts';
import type { Worker } from '../../engine/worker.ts';
import type { World } from '../../engine/world.ts';
import type { WorldSettings } from '../../types.ts';

/** What a rival is asked with. */
export interface RivalView {
  nowSeconds: number;
  queue: QueueCounts;
  /** Instances not ended, in the order of their launch; what stops already is not among them. */
  workers: readonly RivalWorker[];
  settings: WorldSettings;
}

export interface RivalWorker {
  launchedAt: number;
  /** Its worker polls. */
  up: boolean;
  busy: boolean;
  /** Since its last image, or since it was up; 0 while busy. */
  idleSeconds: number;
}

/** How a rival makes its fleet smaller. */
type ScaleIn =
  /** By its wanted size: victims in this order, each with so long to finish what it has. */
  | {
      kind: 'to-size';
      victim: (one: RivalWorker, other: RivalWorker, nowSeconds: number) => number;
      graceSeconds: number;
    }
  /** Workers end themselves after having been idle for so long. */
  | { kind: 'idle'; seconds: number };

/** One run of a rival. */
export interface RivalRun {
  /** Instances wanted from now on, before the limits. Asked every so often. */
  wanted(view: RivalView): number;
  everySeconds: number;
  scaleIn: ScaleIn;
}

export interface Rival {
  name: string;
  /** @param imageSeconds mean seconds of one image on one thread: rivals that must be told it are told the truth */
  start: (settings: WorldSettings, imageSeconds: number) => RivalRun;
}

/** A boot that has not ended by then is replaced (Cluster Autoscaler's `max-node-provision-time`). */
const LONGEST_BOOT_SECONDS = 15 * 60;

/**
 * Lets a rival run a fleet. It says how many instances it wants; a controller keeps the fleet at that size,
 * looking at it every tick, as Auto Scaling groups and Kubernetes do. A launch that fails is made again at the
 * next tick.
 */
export function rivalPolicy({ name, start: begin }: Rival): Policy {
  return {
    name,
    start(world, { serviceSeconds }) {
      const run = begin(world.settings, mean(serviceSeconds));
      let wanted = 0;
      let nextAt = 0;
      return () => {
        if (world.now >= nextAt && !world.ec2.lookFails()) {
          nextAt = world.now + run.everySeconds;
          const { minWorkers, maxWorkers } = world.settings;
          wanted = Math.min(maxWorkers, Math.max(minWorkers, run.wanted(viewWorld(world))));
        }
        wanted = keepAt(world, run.scaleIn, wanted);
      };
    },
  };
}

/** Brings the fleet to the size that is wanted; returns what is still wanted. */
function keepAt(world: World, scaleIn: ScaleIn, wanted: number): number {
  for (const worker of [...world.living])
    if (worker.state === 'booting' && world.now - worker.launchedAt >= LONGEST_BOOT_SECONDS)
      world.terminate(worker);
  const fleet = world.living.filter(({ stopping }) => !stopping);
  // Those that stop still count against max.
  const room = world.settings.maxWorkers - world.living.length;
  const missing = Math.min(wanted - fleet.length, room);
  if (missing > 0) world.launch(missing);
  if (scaleIn.kind === 'idle') return wanted - endIdle(world, scaleIn.seconds, fleet);
  if (fleet.length <= wanted) return wanted;
  const victims = fleet
    .map((worker) => ({ worker, seen: viewWorker(worker, world.now) }))
    .sort((a, b) => scaleIn.victim(a.seen, b.seen, world.now))
    .slice(0, fleet.length - wanted);
  // A call that fails is made again at the next tick.
  for (const { worker } of victims)
    if (!world.ec2.callFails()) world.stop(worker, scaleIn.graceSeconds);
  return wanted;
}

/** Ends what has been idle for long enough, but for the least that must be there; returns how many. */
function endIdle(world: World, seconds: number, fleet: readonly Worker[]): number {
  const idle = fleet
    .filter((worker) => viewWorker(worker, world.now).idleSeconds >= seconds)
    .slice(0, Math.max(0, fleet.length - world.settings.minWorkers));
  // They stop by themselves: after the poll that runs, with nothing in hand.
  for (const worker of idle) world.stop(worker, Infinity);
  return idle.length;
}

function viewWorld(world: World): RivalView {
  return {
    nowSeconds: world.now,
    queue: world.counts(),
    workers: world.living
      .filter(({ stopping }) => !stopping)
      .map((worker) => viewWorker(worker, world.now)),
    settings: world.settings,
  };
}

function viewWorker(worker: Worker, now: number): RivalWorker {
  const up = worker.state !== 'booting';
  return {
    launchedAt: worker.launchedAt,
    up,
    busy: worker.busy,
    idleSeconds: up && !worker.busy ? now - worker.since : 0,
  };
}
