import type { Queue, ReceivedMessage } from '@labelfleet/aws/queue';
import type { WorkerState } from '@labelfleet/contracts';
import { retryDelayMs, type Clock, type Logger } from '@labelfleet/runtime';
import type { Activity } from './activity.ts';
import type { HandleRequest } from '../request/handle-request.ts';
import type { Slots } from './slots.ts';

/** What work on jobs gets from the work loop. */
export interface BatchEnds {
  /** Aborted when the worker drains: what is in hand has to be released, and nothing is received. */
  signal: AbortSignal;
  /** Aborted at the drain deadline: the image in a classifier process has to be given up. */
  deadline: AbortSignal;
  /** Resolves while the request queue is polled, or is not to be polled. */
  polled(): Promise<void>;
  /** To be called when an exclusive slot was given back. */
  onSlotFreed(): void;
}

/** Works on jobs until it is to drain; resolves when nothing is in hand. Never rejects. */
export type WorkOnJobs = (ends: BatchEnds) => Promise<void>;

interface WorkLoopDeps {
  queue: Pick<Queue, 'receive' | 'retryIn'>;
  handle: HandleRequest;
  /** Undefined: there are no jobs. */
  workOnJobs?: WorkOnJobs | undefined;
  slots: Pick<Slots, 'room'>;
  activity: Activity;
  pollSeconds: number;
  visibilityTimeoutSeconds: number;
  drainTimeoutMs: number;
  onStateChange: () => void;
  clock: Pick<Clock, 'sleep'>;
  random: () => number;
  log: Logger;
}

/**
 * Receives messages, one long poll at a time, and has them handled. Its states are `working`, `draining`
 * (receives nothing new, releases what a running poll brings, finishes what is in flight within the drain
 * timeout) and `drained` (nothing is in flight). A resume leads back to `working`. It works on jobs beside, which it
 * ends at once when it drains.
 */
export class WorkLoop {
  readonly #deps: WorkLoopDeps;
  readonly #inFlight = new Set<Promise<void>>();
  #state: WorkerState = 'working';
  #stopping = false;
  #running = false;
  /** Work on jobs that has not ended: of this time of working and, for moments, of the one before a drain. */
  #jobs = 0;
  #polling = false;
  #pollFailures = 0;
  readonly #broken = Promise.withResolvers<never>();
  #change = Promise.withResolvers<void>();
  /** Ends waits that make sense only while working. */
  #notWorking = new AbortController();
  /** Ends the countdown to the drain deadline. */
  #drainOver = new AbortController();
  /** Aborted at the drain deadline: what is in flight is released. */
  #drainDeadline = new AbortController();

  constructor(deps: WorkLoopDeps) {
    this.#deps = deps;
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** Works until it is stopped and drained. Rejects only when a handler rejects, which it must never do. */
  run(): Promise<void> {
    return Promise.race([this.#loop(), this.#broken.promise]);
  }

  async #loop(): Promise<void> {
    this.#running = true;
    this.#startJobs();
    while (!(this.#stopping && this.#state === 'drained')) {
      if (this.#state === 'working' && this.#deps.slots.room > 0) await this.#poll();
      else await this.#change.promise;
    }
  }

  drain(): void {
    if (this.#state !== 'working') return;
    this.#notWorking.abort();
    this.#drainOver = new AbortController();
    void this.#releaseAfterTimeout(this.#drainOver.signal);
    this.#enter('draining');
    this.#update();
  }

  /** Works again, unless it is stopping. */
  resume(): void {
    if (this.#state === 'working' || this.#stopping) return;
    this.#drainOver.abort();
    this.#notWorking = new AbortController();
    if (this.#drainDeadline.signal.aborted) this.#drainDeadline = new AbortController();
    this.#enter('working');
    this.#startJobs();
  }

  /** Drains, and ignores every later resume: `run` resolves when nothing is in flight. */
  stop(): void {
    this.#stopping = true;
    this.drain();
    this.#notify();
  }

  #startJobs(): void {
    const { workOnJobs } = this.#deps;
    if (workOnJobs === undefined || !this.#running || this.#state !== 'working') return;
    this.#jobs += 1;
    void workOnJobs({
      signal: this.#notWorking.signal,
      deadline: this.#drainDeadline.signal,
      polled: () => this.#polled(),
      onSlotFreed: () => this.#notify(),
    })
      .catch((error: unknown) => this.#broken.reject(error))
      .finally(() => {
        this.#jobs -= 1;
        this.#update();
      });
  }

  async #polled(): Promise<void> {
    while (this.#state === 'working' && !this.#polling) await this.#change.promise;
  }

  async #poll(): Promise<void> {
    const { queue, slots, activity, random, clock, log } = this.#deps;
    this.#polling = true;
    this.#notify();
    try {
      const messages = await queue.receive({
        maxMessages: slots.room,
        waitSeconds: this.#deps.pollSeconds,
        visibilityTimeoutSeconds: this.#deps.visibilityTimeoutSeconds,
      });
      this.#pollFailures = 0;
      if (messages.length === 0) activity.polledEmpty();
      for (const message of messages) this.#track(this.#take(message));
    } catch (error) {
      const delayMs = retryDelayMs(++this.#pollFailures, random());
      log.warn({ event: 'queue.poll-failed', error, delayMs }, 'request queue not polled');
      await clock.sleep(delayMs, this.#notWorking.signal);
    } finally {
      this.#polling = false;
      this.#update();
    }
  }

  #take(message: ReceivedMessage): Promise<void> {
    return this.#state === 'working' ? this.#work(message) : this.#release(message);
  }

  async #work(message: ReceivedMessage): Promise<void> {
    const { activity, handle } = this.#deps;
    const image = activity.requestBegun();
    const handled = await handle(message, this.#drainDeadline.signal, () => {
      image.ended('completed');
      this.#notify();
    });
    image.ended(handled === 'completed' ? 'completed' : 'not-completed');
  }

  async #release({ messageId, receipt }: ReceivedMessage): Promise<void> {
    const { queue, log } = this.#deps;
    try {
      await queue.retryIn(receipt, 0);
      log.info(
        { event: 'message.released', messageId },
        'message released: the worker is draining',
      );
    } catch (error) {
      log.warn(
        { event: 'message.release-failed', messageId, error },
        'message not released: it is redelivered after its visibility timeout',
      );
    }
  }

  #track(work: Promise<void>): void {
    const ended = work
      .catch((error: unknown) => this.#broken.reject(error))
      .finally(() => {
        this.#inFlight.delete(ended);
        this.#update();
      });
    this.#inFlight.add(ended);
  }

  async #releaseAfterTimeout(drainOver: AbortSignal): Promise<void> {
    await this.#deps.clock.sleep(this.#deps.drainTimeoutMs, drainOver);
    if (drainOver.aborted) return;
    this.#deps.log.warn(
      { event: 'drain.timed-out', images: this.#inFlight.size },
      'drain timed out, releasing what is in flight',
    );
    this.#drainDeadline.abort(new Error('The drain timeout is over.'));
  }

  /** Enters `drained` if draining has ended. */
  #update(): void {
    const idle = !this.#polling && this.#inFlight.size === 0 && this.#jobs === 0;
    if (this.#state === 'draining' && idle) {
      this.#drainOver.abort();
      this.#enter('drained');
    }
    this.#notify();
  }

  #enter(state: WorkerState): void {
    this.#state = state;
    this.#deps.log.info({ event: 'worker.state', state }, 'worker state changed');
    this.#deps.onStateChange();
    this.#notify();
  }

  #notify(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}
