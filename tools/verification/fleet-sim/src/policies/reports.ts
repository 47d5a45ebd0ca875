import type { FleetEvent } from '@labelfleet/contracts';
import { learnBoot, learnService, NOTHING_LEARNED, type Learned } from '@labelfleet/scaling';
import { busySecondsAt, fullSecondsAt, idleSeconds, type Worker } from '../engine/worker.ts';
import type { World } from '../engine/world.ts';
import { launchTime, workerId } from './view-worker.ts';

/** A heartbeat, and when the scaler receives it. */
export interface Report {
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
  #first = 0;

  constructor(world: World) {
    world.onReport = (worker) => this.#onTheWay.push(report(worker, world));
  }

  /** Takes the heartbeats that have arrived by now, in seconds. */
  receive(now: number): void {
    for (;;) {
      const next = this.#onTheWay[this.#first];
      if (next === undefined || next.receivedAtMs > now * 1000) break;
      this.#first++;
      this.#take(next);
    }
    if (this.#first < 1000) return;
    this.#onTheWay.splice(0, this.#first);
    this.#first = 0;
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
  }
}

type Counter = 'imagesCompleted' | 'busySeconds' | 'completedWhileFull' | 'fullSeconds';

function report(worker: Worker, { now, settings }: World): Report {
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
  };
  const receivedAtMs = (now + settings.api.reportLagSeconds) * 1000;
  return { worker, event, atMs: now * 1000, receivedAtMs };
}
