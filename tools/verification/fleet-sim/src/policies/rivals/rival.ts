import { mean } from '../../statistics.ts';
import type { QueueCounts } from '../../engine/image-queue.ts';
import type { Policy } from '../../engine/simulate.ts';
import type { Worker } from '../../engine/worker.ts';
import type { World } from '../../engine/world.ts';
import type { WorldSettings } from '../../world-settings.ts';

/** The observation of a rival. */
export interface RivalView {
  nowSeconds: number;
  queue: QueueCounts;
  /** Instances that neither ended nor stop, in the order of launch. */
  workers: readonly RivalWorker[];
}

export interface RivalWorker {
  launchedAt: number;
  /** True if its worker polls. */
  up: boolean;
  busy: boolean;
  /** Seconds since its last image or its boot; 0 while busy. */
  idleSeconds: number;
}

/** Orders workers: the first of two is ended first if this is below 0. */
export type Victim = (one: RivalWorker, other: RivalWorker, nowSeconds: number) => number;

/** How a rival shrinks its fleet. */
export type ScaleIn =
  /** To the wanted size, with victims in this order and a grace time for each. */
  | { kind: 'to-size'; victim: Victim; graceSeconds: number }
  /** Workers end themselves after this idle time. */
  | { kind: 'idle'; seconds: (settings: WorldSettings) => number };

export interface Rival {
  name: string;
  everySeconds: number;
  scaleIn: ScaleIn;
  /**
   * Begins a run.
   * @param imageSeconds the true mean seconds of one image on one thread, for rivals that need it
   * @returns the wanted number of instances, before the limits; called every `everySeconds`
   */
  start: (settings: WorldSettings, imageSeconds: number) => (view: RivalView) => number;
}

/** A longer boot is replaced (Cluster Autoscaler's `max-node-provision-time`). */
const LONGEST_BOOT_SECONDS = 15 * 60;

/**
 * Makes a policy from a rival. The rival gives a wanted size; a controller brings the fleet to that size at every
 * tick, as Auto Scaling groups and Kubernetes do. A failed launch is repeated at the next tick.
 */
export function rivalPolicy({ name, everySeconds, scaleIn, start: begin }: Rival): Policy {
  return {
    name,
    start(world, { serviceSeconds }) {
      const wantedNow = begin(world.settings, mean(serviceSeconds));
      let wanted = 0;
      let nextAt = 0;
      return () => {
        if (world.now >= nextAt && !world.ec2.readFails()) {
          nextAt = world.now + everySeconds;
          const view = {
            nowSeconds: world.now,
            queue: world.counts(),
            workers: viewFleet(world).map(({ seen }) => seen),
          };
          const { minWorkers, maxWorkers } = world.settings;
          wanted = Math.min(maxWorkers, Math.max(minWorkers, wantedNow(view)));
        }
        wanted = keepAt(world, scaleIn, wanted);
      };
    },
  };
}

/** Brings the fleet to the wanted size. @returns the size that is still wanted */
function keepAt(world: World, scaleIn: ScaleIn, wanted: number): number {
  const { now, settings } = world;
  for (const worker of [...world.living])
    if (worker.state === 'booting' && now - worker.launchedAt >= LONGEST_BOOT_SECONDS)
      world.terminate(worker);
  const fleet = viewFleet(world);
  // Stopping instances still count against the maximum.
  const missing = Math.min(wanted - fleet.length, settings.maxWorkers - world.living.length);
  if (missing > 0) world.launch(missing);
  if (scaleIn.kind === 'idle') {
    const idle = fleet
      .filter(({ seen }) => seen.idleSeconds >= scaleIn.seconds(settings))
      .slice(0, Math.max(0, fleet.length - settings.minWorkers));
    // An idle worker ends after its current poll, without images.
    for (const { worker } of idle) world.stop(worker, Infinity);
    return wanted - idle.length;
  }
  const victims = fleet
    .sort((a, b) => scaleIn.victim(a.seen, b.seen, now))
    .slice(0, Math.max(0, fleet.length - wanted));
  // A failed call is repeated at the next tick.
  for (const { worker } of victims)
    if (!world.ec2.callFails()) world.stop(worker, scaleIn.graceSeconds);
  return wanted;
}

/** The instances that neither ended nor stop, and what a rival sees of each. */
const viewFleet = ({ living, now }: World): { worker: Worker; seen: RivalWorker }[] =>
  living
    .filter(({ stopping }) => !stopping)
    .map((worker) => {
      const { launchedAt, busy, since } = worker;
      const up = worker.state !== 'booting';
      const idleSeconds = up && !busy ? now - since : 0;
      return { worker, seen: { launchedAt, up, busy, idleSeconds } };
    });
