import type { FleetEvent } from '@labelfleet/contracts';
import {
  learnBoot,
  learnJobImages,
  learnService,
  NOTHING_LEARNED,
  type Learned,
} from '@labelfleet/scaling';
import { busySecondsAt, fullSecondsAt, idleSeconds, type Worker } from '../engine/worker.ts';
import type { World } from '../engine/world.ts';

/** A heartbeat, and when the scaler receives it. */
interface Report {
  worker: Worker;
  event: FleetEvent;
  atMs: number;
  receivedAtMs: number;
}

/**
 * The heartbeats of a fleet, delayed as the queue delays them, and what the scaler has learned from them. It
 * repeats the scaler's `takeReport`, which copies its maps for each heartbeat: too slow for millions of them.
 */
export class Reports {
  /** The newest heartbeat of each worker, by its index. */
  readonly newest = new Map<number, Report>();
  learned: Learned = NOTHING_LEARNED;
  completed = 0;
  readonly #onTheWay: Report[] = [];

  constructor(world: World) {
    world.onReport = (worker) => this.#onTheWay.push(report(worker, world));
  }

  /** Takes the heartbeats that have arrived by now, in seconds. */
  receive(now: number): void {
    const later = this.#onTheWay.findIndex(({ receivedAtMs }) => receivedAtMs > now * 1000);
    const arrived = later < 0 ? this.#onTheWay.length : later;
    for (const report of this.#onTheWay.splice(0, arrived)) this.#take(report);
  }

  #take(next: Report): void {
    const { worker, event, atMs } = next;
    const previous = this.newest.get(worker.index);
    this.newest.set(worker.index, next);
    if (previous === undefined)
      this.learned = learnBoot(this.learned, (atMs - launchTime(worker).getTime()) / 1000);
    const since = (field: Counter) => (event[field] ?? 0) - (previous?.event[field] ?? 0);
    const images = since('imagesCompleted');
    this.completed += images;
    this.learned = learnService(this.learned, {
      images,
      busySeconds: since('busySeconds'),
      fullImages: since('completedWhileFull'),
      fullSeconds: since('fullSeconds'),
    });
    const { jobs } = event;
    if (jobs === undefined) return;
    const before = previous?.event.jobs ?? { images: 0, classifySeconds: 0 };
    const seconds = (jobs.classifySeconds - before.classifySeconds) / jobs.processes;
    this.learned = learnJobImages(this.learned, jobs.images - before.images, seconds);
  }
}

type Counter = 'imagesCompleted' | 'busySeconds' | 'completedWhileFull' | 'fullSeconds';

function report(worker: Worker, { now, settings, jobs }: World): Report {
  const { state, following } = worker;
  const event: FleetEvent = {
    v: 1,
    type: 'heartbeat',
    instanceId: workerId(worker),
    at: new Date(now * 1000).toISOString(),
    state: state === 'booting' || state === 'ended' ? 'draining' : state,
    slots: settings.slots,
    busySlots: worker.held.length,
    idleSeconds: idleSeconds(worker, settings, now),
    imagesCompleted: worker.imagesCompleted,
    busySeconds: busySecondsAt(worker, now),
    fullSeconds: fullSecondsAt(worker, settings, now),
    completedWhileFull: worker.completedWhileFull,
    ...(following === undefined ? {} : { instructionId: following.id }),
    ...(jobs && {
      jobs: {
        openChunks: worker.chunks.length,
        images: worker.jobImages,
        classifySeconds: worker.jobClassifySeconds,
        processes: settings.threads,
      },
    }),
  };
  const receivedAtMs = (now + settings.api.reportLagSeconds) * 1000;
  return { worker, event, atMs: now * 1000, receivedAtMs };
}

export const workerId = ({ index }: Worker): string => `i-${String(index).padStart(8, '0')}`;

/** EC2's LaunchTime has whole seconds. */
export const launchTime = ({ launchedAt }: Worker): Date => new Date(Math.floor(launchedAt) * 1000);
