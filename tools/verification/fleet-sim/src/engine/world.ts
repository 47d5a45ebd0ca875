import { Random } from '@labelfleet/testkit/random';
import type { Workload } from '../types.ts';
import type { WorldSettings } from '../world-settings.ts';
import { Ec2, type LaunchAnswer } from './ec2.ts';
import type { QueueCounts } from './image-queue.ts';
import { Jobs } from './jobs.ts';
import { Measure } from './measure.ts';
import { Service } from './service.ts';
import { EVENT, Timeline } from './timeline.ts';
import { nextTagRead, pollEnd, Worker, type Instruction } from './worker.ts';

/** Workers send heartbeats every 3 s and when their state changes. */
const REPORT_EVERY_SECONDS = 3;

/** From the notice of a Spot interruption to the end of the instance. */
const SPOT_NOTICE_SECONDS = 120;

/** The simulated queue, instances and workers, without the policy. */
export class World {
  readonly settings: WorldSettings;
  readonly measure: Measure;
  readonly ec2: Ec2;
  /** All launched workers. */
  readonly workers: Worker[] = [];
  /** Workers whose instances are billed. */
  readonly living: Worker[] = [];
  /** Workers that ended and are still listed. */
  ending: Worker[] = [];
  /** Called for every heartbeat; undefined: heartbeats are not simulated. */
  onReport: ((worker: Worker) => void) | undefined;
  /** Undefined: the workload has none. */
  readonly jobs: Jobs | undefined;
  readonly #timeline = new Timeline();
  readonly #service: Service;
  readonly #arrivals: Workload['arrivals'];
  readonly #random: Random;
  #arrived = 0;
  #gatewayFreeAt = 0;

  constructor(workload: Workload) {
    this.settings = workload.world;
    this.measure = new Measure(workload);
    this.ec2 = new Ec2(this.settings, workload.seed);
    const polls = new Random(workload.seed, 'polls');
    this.jobs = workload.jobs && new Jobs(this.#timeline, workload);
    this.#service = new Service(this.#timeline, workload, this.measure, polls, this.jobs);
    this.#random = new Random(workload.seed, 'workers');
    this.#arrivals = workload.arrivals;
    this.#timeline.later(0, EVENT.SECOND);
  }

  get now(): number {
    return this.#timeline.now;
  }

  /** SQS's counts of the request queue. */
  counts(): QueueCounts {
    return this.#service.queue.counts(this.now);
  }

  /** Simulates up to and including this time. */
  advance(until: number): void {
    const { events } = this.#timeline;
    for (;;) {
      const arrivesAt = this.#nextArrival();
      const next = events.peek();
      const nextAt = next?.at ?? Infinity;
      if (Math.min(arrivesAt, nextAt) > until) break;
      if (next === undefined || arrivesAt <= nextAt) {
        this.#timeline.now = arrivesAt;
        this.#gatewayFreeAt = arrivesAt;
        this.#service.arrive(this.#arrived++);
      } else {
        events.pop();
        this.#timeline.now = next.at;
        this.#happen(next.kind, next.a, next.b);
      }
    }
    this.#timeline.now = until;
  }

  /** The time at which the next image reaches the queue. */
  #nextArrival(): number {
    const offeredAt = this.#arrivals[this.#arrived] ?? Infinity;
    return Math.max(offeredAt, this.#gatewayFreeAt) + this.settings.gatewaySeconds;
  }

  /** RunInstances. */
  launch(count: number): LaunchAnswer {
    const answer = this.ec2.launch(count, this.now);
    if (answer.kind !== 'launched') return answer;
    for (let launched = 0; launched < answer.count; launched++) this.#launchOne();
    this.measure.launches += answer.count;
    this.measure.peak = Math.max(this.measure.peak, this.living.length);
    return answer;
  }

  /** TerminateInstances, even of a busy worker. False: the call failed. */
  terminate(worker: Worker): boolean {
    if (this.ec2.callFails()) return false;
    this.#cutOff(worker);
    return true;
  }

  /** Sets the tag that the worker reads. False: the call failed. */
  instruct(worker: Worker, instruction: Instruction): boolean {
    if (this.ec2.callFails()) return false;
    worker.tagged = instruction;
    if (worker.state !== 'booting') this.#readTagsLater(worker);
    return true;
  }

  /** SIGTERM: the worker finishes its images and ends, at the latest after `graceSeconds`. */
  stop(worker: Worker, graceSeconds: number): void {
    if (worker.stopping) return;
    if (graceSeconds === 0) this.#cutOff(worker);
    else this.#beginStop(worker, graceSeconds, true);
  }

  #launchOne(): void {
    const { killsPerHour, spotInterruptionsPerHour } = this.settings;
    const upAt = this.now + this.ec2.bootSeconds();
    const worker = new Worker(this.workers.length, this.now, upAt, 2 * this.#random.next());
    this.workers.push(worker);
    this.living.push(worker);
    const timeline = this.#timeline;
    timeline.later(upAt, EVENT.UP, worker.index);
    timeline.later(this.now + this.ec2.fateSeconds(killsPerHour), EVENT.KILLED, worker.index);
    const noticeAt = this.now + this.ec2.fateSeconds(spotInterruptionsPerHour);
    timeline.later(noticeAt, EVENT.SPOT_NOTICE, worker.index);
  }

  #happen(kind: number, a: number, b: number): void {
    if (kind === EVENT.SECOND) return this.#second();
    if (kind === EVENT.VISIBLE_AGAIN) return this.#service.visibleAgain(a);
    if (kind === EVENT.JOB) return this.jobs?.arrive();
    if (kind === EVENT.PAGE) return this.jobs?.listPage(a);
    if (kind === EVENT.CHUNK_VISIBLE) return this.jobs?.visibleAgain(a);
    const worker = this.workers[a];
    if (worker === undefined || worker.state === 'ended') return;
    switch (kind) {
      case EVENT.UP:
        return this.#comeUp(worker);
      case EVENT.FETCHED:
        return this.#service.fetched(worker, b);
      case EVENT.DONE:
        this.#service.done(worker, b);
        return this.#settleDrain(worker);
      case EVENT.JOB_IMAGE:
        return this.#service.jobImageDone(worker, b);
      case EVENT.READ_TAGS:
        return this.#readTags(worker);
      case EVENT.POLL_ENDS:
        return this.#settleDrain(worker);
      case EVENT.REPORT:
        return b === worker.reportTimer ? this.#report(worker) : undefined;
      case EVENT.SPOT_NOTICE:
        return this.#beginStop(worker, SPOT_NOTICE_SECONDS, false);
      case EVENT.STOP_LATEST:
        return b === 1 ? this.#cutOff(worker) : this.#end(worker);
      case EVENT.KILLED:
        return this.#end(worker);
    }
  }

  #second(): void {
    this.#service.queue.sample();
    this.measure.sample(Math.round(this.now), this.living, this.#arrived);
    const { endingSeconds } = this.settings.api;
    if (this.ending.length > 0)
      this.ending = this.ending.filter(({ endedAt }) => endedAt + endingSeconds > this.now);
    this.#timeline.later(this.now + 1, EVENT.SECOND);
  }

  #comeUp(worker: Worker): void {
    worker.state = 'working';
    // A worker reads its tags before its first poll.
    if (worker.tagged !== undefined) this.#readTags(worker);
    if (worker.state === 'working') {
      this.#report(worker);
      this.#service.receive(worker);
    }
  }

  #readTagsLater(worker: Worker): void {
    this.#timeline.later(nextTagRead(worker, this.now), EVENT.READ_TAGS, worker.index);
  }

  #readTags(worker: Worker): void {
    if (worker.tagged === undefined || worker.tagged === worker.following) return;
    worker.following = worker.tagged;
    if (worker.tagged.kind === 'drain') this.#drain(worker);
    else this.#resume(worker);
    if (worker.state !== 'ended') this.#report(worker);
  }

  #drain(worker: Worker): void {
    if (worker.state !== 'working') return;
    worker.state = 'draining';
    this.jobs?.release(worker);
    const polls = worker.pollPlace >= 0;
    // The running poll ends at its own time. A worker would release what it receives; that is not simulated.
    worker.pollEndsAt = polls ? pollEnd(worker, this.settings, this.now) : this.now;
    this.#service.leavePolling(worker);
    if (polls) this.#timeline.later(worker.pollEndsAt, EVENT.POLL_ENDS, worker.index);
    else this.#settleDrain(worker);
  }

  #resume(worker: Worker): void {
    if (worker.stopping || worker.state === 'working') return;
    worker.state = 'working';
    this.#service.receive(worker);
  }

  /** Marks a draining worker as drained when its poll has ended and it has no image. */
  #settleDrain(worker: Worker): void {
    if (worker.state !== 'draining' || worker.busy || this.now < worker.pollEndsAt) return;
    worker.state = 'drained';
    if (worker.stopping) this.#end(worker);
    else this.#report(worker);
  }

  #beginStop(worker: Worker, graceSeconds: number, byPolicy: boolean): void {
    worker.stopping = true;
    if (worker.state === 'booting' || worker.state === 'drained') return this.#end(worker);
    const latest = this.now + graceSeconds;
    this.#timeline.later(latest, EVENT.STOP_LATEST, worker.index, byPolicy ? 1 : 0);
    this.#report(worker);
    this.#drain(worker);
  }

  /** The policy ends a worker that may have images. */
  #cutOff(worker: Worker): void {
    if (worker.busy) this.measure.interrupted++;
    this.#end(worker);
  }

  /** Ends an instance and its billing. */
  #end(worker: Worker): void {
    worker.state = 'ended';
    worker.endedAt = this.now;
    this.#service.forsake(worker);
    this.jobs?.forsake(worker);
    this.living.splice(this.living.indexOf(worker), 1);
    this.ending.push(worker);
  }

  #report(worker: Worker): void {
    if (this.onReport === undefined) return;
    this.onReport(worker);
    const at = this.now + REPORT_EVERY_SECONDS;
    this.#timeline.later(at, EVENT.REPORT, worker.index, ++worker.reportTimer);
  }
}
