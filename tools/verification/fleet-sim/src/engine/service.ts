import { nextMeanMs } from '@labelfleet/worker/protocol';
import type { Random } from '@labelfleet/testkit/random';
import type { Workload } from '../types.ts';
import type { WorldSettings } from '../world-settings.ts';
import { ImageQueue } from './image-queue.ts';
import type { Jobs } from './jobs.ts';
import type { Measure } from './measure.ts';
import { EVENT, type Timeline } from './timeline.ts';
import { room, type Worker } from './worker.ts';

/** The path of images: queue, long polls, slots and images received ahead, threads, answer. */
export class Service {
  readonly queue: ImageQueue;
  readonly #timeline: Timeline;
  readonly #settings: WorldSettings;
  readonly #serviceSeconds: Workload['serviceSeconds'];
  readonly #measure: Measure;
  readonly #random: Random;
  readonly #jobs: Jobs | undefined;
  /** Workers that poll. While any does, no image stays visible. */
  readonly #polling: Worker[] = [];

  constructor(
    timeline: Timeline,
    workload: Workload,
    measure: Measure,
    random: Random,
    jobs: Jobs | undefined,
  ) {
    this.#timeline = timeline;
    this.#settings = workload.world;
    this.#serviceSeconds = workload.serviceSeconds;
    this.#measure = measure;
    this.#random = random;
    this.queue = new ImageQueue(workload.world.api.countLagSeconds);
    this.#jobs = jobs;
    if (jobs !== undefined)
      jobs.onVisible = () => this.#polling.forEach((each) => this.#workOnJobs(each));
  }

  arrive(image: number): void {
    this.queue.arrive(image);
    this.#offer();
  }

  /** Ends the visibility timeout of an image. */
  visibleAgain(image: number): void {
    this.queue.inFlight--;
    this.queue.show(image);
    this.#offer();
  }

  /** Makes an image visible: a random worker of those that poll receives it. */
  #offer(): void {
    const worker = this.#polling[this.#random.below(this.#polling.length)];
    if (worker === undefined) return;
    this.#take(worker, this.queue.receive());
    worker.pollsSince = this.#timeline.now;
    if (room(worker, this.#settings) === 0) this.leavePolling(worker);
  }

  /** Starts a poll, which receives as many visible images as the worker wants, or waits. */
  receive(worker: Worker): void {
    let wanted = room(worker, this.#settings);
    if (wanted === 0) return;
    worker.pollsSince = this.#timeline.now;
    while (this.queue.visible > 0 && wanted > 0) {
      while (this.queue.visible > 0 && wanted-- > 0) this.#take(worker, this.queue.receive());
      wanted = room(worker, this.#settings);
    }
    if (wanted > 0) this.#joinPolling(worker);
    this.#workOnJobs(worker);
  }

  /** Marks a received image as ready for a thread. */
  fetched(worker: Worker, image: number): void {
    if (worker.busyThreads < this.#settings.threads) this.#serve(worker, image);
    else worker.ready.push(image);
  }

  done(worker: Worker, image: number): void {
    const { now } = this.#timeline;
    this.#measure.answer(image, now);
    this.queue.inFlight--;
    const { slots } = this.#settings;
    if (worker.held.length >= slots) worker.completedWhileFull++;
    if (worker.held.length === slots) worker.fullSeconds += now - worker.fullSince;
    const place = worker.held.indexOf(image);
    worker.held.splice(place, 1);
    worker.takenAt.splice(place, 1);
    worker.busyThreads--;
    worker.imagesCompleted++;
    worker.imageMs = nextMeanMs(worker.imageMs, (this.#serviceSeconds[image] ?? 0) * 1000);
    if (!worker.busy) {
      worker.busySeconds += now - worker.since;
      worker.since = now;
    }
    this.#nextOnThread(worker);
    // A worker that already wanted images is polling.
    if (worker.state === 'working' && worker.pollPlace < 0) this.receive(worker);
    else this.#workOnJobs(worker);
  }

  jobImageDone(worker: Worker, begun: number): void {
    this.#jobs?.imageDone(worker, begun);
    this.#nextOnThread(worker);
    this.#workOnJobs(worker);
  }

  /** Images of requests come first. */
  #nextOnThread(worker: Worker): void {
    const next = worker.ready.shift();
    if (next !== undefined) this.#serve(worker, next);
    else this.#jobs?.fillThreads(worker);
  }

  /** A worker receives from the batch queue while it has no request and its poll for requests waits. */
  #workOnJobs(worker: Worker): void {
    if (this.#jobs === undefined || worker.state !== 'working') return;
    if (worker.busy || worker.pollPlace < 0) return;
    this.#jobs.receive(worker);
    this.#jobs.fillThreads(worker);
  }

  /** Drops a dead worker's images; they become visible when their visibility timeout ends. */
  forsake(worker: Worker): void {
    this.leavePolling(worker);
    const { now } = this.#timeline;
    const { visibilityTimeoutSeconds } = this.#settings;
    for (const [place, image] of worker.held.entries()) {
      // The worker extended it after each third of the timeout.
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
    worker.held.push(image);
    worker.takenAt.push(now);
    const { overheadSeconds, slots } = this.#settings;
    if (worker.held.length === slots) worker.fullSince = now;
    if (overheadSeconds === 0) this.fetched(worker, image);
    else this.#timeline.later(now + overheadSeconds, EVENT.FETCHED, worker.index, image);
  }

  #serve(worker: Worker, image: number): void {
    worker.busyThreads++;
    const at = this.#timeline.now + (this.#serviceSeconds[image] ?? 0);
    this.#timeline.later(at, EVENT.DONE, worker.index, image);
  }
}
