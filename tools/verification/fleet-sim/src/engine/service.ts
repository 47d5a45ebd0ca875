import type { Workload, WorldSettings } from '../types.ts';
import { ImageQueue } from './image-queue.ts';
import type { Measure } from './measure.ts';
import type { Random } from './random.ts';
import { EVENT, type Timeline } from './timeline.ts';
import type { Worker } from './worker.ts';

/** What SQS delivers in one receive at most. */
const MAX_MESSAGES = 10;

/** The way of images: queue, long polls, slots, threads, answer. */
export class Service {
  readonly queue: ImageQueue;
  readonly #timeline: Timeline;
  readonly #settings: WorldSettings;
  readonly #serviceSeconds: Workload['serviceSeconds'];
  readonly #measure: Measure;
  readonly #random: Random;
  /** Workers that poll with a free slot. While there is one, no image is visible. */
  readonly #polling: Worker[] = [];

  constructor(timeline: Timeline, workload: Workload, measure: Measure, random: Random) {
    this.#timeline = timeline;
    this.#settings = workload.world;
    this.#serviceSeconds = workload.serviceSeconds;
    this.#measure = measure;
    this.#random = random;
    this.queue = new ImageQueue(workload.world.api.countLagSeconds);
  }

  arrive(image: number): void {
    this.queue.arrive(image);
    this.#offer();
  }

  /** The visibility time-out of an image is over. */
  visibleAgain(image: number): void {
    this.queue.inFlight--;
    this.queue.show(image);
    this.#offer();
  }

  /** An image is visible: one of the workers that poll gets it, whichever SQS answers first. */
  #offer(): void {
    const worker = this.#polling[this.#random.below(this.#polling.length)];
    if (worker === undefined) return;
    this.#take(worker, this.queue.receive());
    worker.pollsSince = this.#timeline.now;
    if (worker.inHand.length >= this.#settings.slots) this.leavePolling(worker);
  }

  /** A worker begins to poll: it gets what is there, up to its free slots, or waits. */
  receive(worker: Worker): void {
    const { slots } = this.#settings;
    worker.pollsSince = this.#timeline.now;
    while (this.queue.visible > 0 && worker.inHand.length < slots) {
      let most = Math.min(slots - worker.inHand.length, MAX_MESSAGES);
      while (most-- > 0 && this.queue.visible > 0) this.#take(worker, this.queue.receive());
    }
    if (worker.inHand.length < slots) this.#joinPolling(worker);
  }

  /** An image in hand is ready for a thread. */
  fetched(worker: Worker, image: number): void {
    if (worker.busyThreads < this.#settings.threads) this.#serve(worker, image);
    else worker.ready.push(image);
  }

  done(worker: Worker, image: number): void {
    const { now } = this.#timeline;
    this.#measure.answer(image, now);
    this.queue.inFlight--;
    if (worker.inHand.length === this.#settings.slots) {
      worker.fullSeconds += now - worker.fullSince;
      worker.completedWhileFull++;
    }
    const place = worker.inHand.indexOf(image);
    worker.inHand.splice(place, 1);
    worker.takenAt.splice(place, 1);
    worker.busyThreads--;
    worker.imagesCompleted++;
    if (!worker.busy) {
      worker.busySeconds += now - worker.since;
      worker.since = now;
    }
    const next = worker.ready.shift();
    if (next !== undefined) this.#serve(worker, next);
    // With a free slot already, it has been polling.
    if (worker.state === 'working' && worker.pollPlace < 0) this.receive(worker);
  }

  /** The worker is gone: its images come back when their visibility time-out is over. */
  forsake(worker: Worker): void {
    this.leavePolling(worker);
    const { now } = this.#timeline;
    const { visibilityTimeoutSeconds } = this.#settings;
    for (const [place, image] of worker.inHand.entries()) {
      // It was extended after each third of the time-out.
      const sinceExtended = (now - (worker.takenAt[place] ?? now)) % (visibilityTimeoutSeconds / 3);
      const at = now - sinceExtended + visibilityTimeoutSeconds;
      this.#timeline.later(at, EVENT.VISIBLE_AGAIN, image);
    }
  }

  leavePolling(worker: Worker): void {
    if (worker.pollPlace < 0) return;
    const last = this.#polling.pop();
    if (last !== undefined && last !== worker) {
      this.#polling[worker.pollPlace] = last;
      last.pollPlace = worker.pollPlace;
    }
    worker.pollPlace = -1;
  }

  #joinPolling(worker: Worker): void {
    worker.pollPlace = this.#polling.length;
    this.#polling.push(worker);
  }

  #take(worker: Worker, image: number): void {
    const { now } = this.#timeline;
    if (!worker.busy) worker.since = now;
    worker.inHand.push(image);
    worker.takenAt.push(now);
    const { overheadSeconds, slots } = this.#settings;
    if (worker.inHand.length === slots) worker.fullSince = now;
    if (overheadSeconds === 0) this.fetched(worker, image);
    else this.#timeline.later(now + overheadSeconds, EVENT.FETCHED, worker.index, image);
  }

  #serve(worker: Worker, image: number): void {
    worker.busyThreads++;
    const at = this.#timeline.now + (this.#serviceSeconds[image] ?? 0);
    this.#timeline.later(at, EVENT.DONE, worker.index, image);
  }
}
