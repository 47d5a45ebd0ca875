import { learnBoot, learnService, NOTHING_LEARNED, type Learned } from '@labelfleet/scaling';
import {
  busySecondsAt,
  fullSecondsAt,
  idleSeconds,
  type Worker,
  type WorkerState,
} from '../engine/worker.ts';
import type { World } from '../engine/world.ts';

/** What a worker said of itself. */
export interface Report {
  index: number;
  atSeconds: number;
  receivedAtSeconds: number;
  state: WorkerState;
  busy: boolean;
  idleSeconds: number;
  imagesCompleted: number;
  busySeconds: number;
  fullSeconds: number;
  completedWhileFull: number;
  /** Of the instruction that it follows; undefined: none yet. */
  instructionId: number | undefined;
  launchedAtSeconds: number;
}

/** The reports of a fleet on their way to the scaler, and what it knows from those that have come. */
export class Reports {
  /** The newest of each worker, by its index. */
  readonly newest = new Map<number, Report>();
  learned: Learned = NOTHING_LEARNED;
  completed = 0;
  readonly #onTheWay: Report[] = [];
  #first = 0;

  constructor(world: World) {
    world.onReport = (worker) => this.#onTheWay.push(report(worker, world));
  }

  /** Takes in what has come by now. */
  receive(now: number): void {
    for (;;) {
      const next = this.#onTheWay[this.#first];
      if (next === undefined || next.receivedAtSeconds > now) break;
      this.#first++;
      this.#take(next);
    }
    if (this.#first < 1000) return;
    this.#onTheWay.splice(0, this.#first);
    this.#first = 0;
  }

  #take(next: Report): void {
    const previous = this.newest.get(next.index);
    this.newest.set(next.index, next);
    // LaunchTime of EC2 has whole seconds.
    if (previous === undefined)
      this.learned = learnBoot(this.learned, next.atSeconds - next.launchedAtSeconds);
    const images = next.imagesCompleted - (previous?.imagesCompleted ?? 0);
    this.completed += images;
    this.learned = learnService(this.learned, {
      images,
      busySeconds: next.busySeconds - (previous?.busySeconds ?? 0),
      fullImages: next.completedWhileFull - (previous?.completedWhileFull ?? 0),
      fullSeconds: next.fullSeconds - (previous?.fullSeconds ?? 0),
    });
  }
}

function report(worker: Worker, world: World): Report {
  const { now, settings } = world;
  return {
    index: worker.index,
    atSeconds: now,
    receivedAtSeconds: now + settings.api.reportLagSeconds,
    state: worker.state,
    busy: worker.busy,
    idleSeconds: idleSeconds(worker, settings, now),
    imagesCompleted: worker.imagesCompleted,
    busySeconds: busySecondsAt(worker, now),
    fullSeconds: fullSecondsAt(worker, settings, now),
    completedWhileFull: worker.completedWhileFull,
    instructionId: worker.following?.id,
    launchedAtSeconds: Math.floor(worker.launchedAt),
  };
}
