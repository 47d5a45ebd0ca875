import type { Queue, ReceivedMessage } from '@labelfleet/aws/queue';
import type { WorkerState } from '@labelfleet/contracts';
import { retryDelayMs, type Logger, type Clock } from '@labelfleet/runtime';
import type { Activity } from './activity.ts';
import type { HandleRequest } from '../request/handle-request.ts';
import type { Slots } from './slots.ts';

/** What SQS delivers in one receive at most. */
const MAX_MESSAGES = 10;

interface WorkLoopDeps {
  queue: Pick<Queue, 'receive' | 'retryIn'>;
  handle: HandleRequest;
  slots: Pick<Slots, 'free'>;
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
 * Receives messages and has them handled, one long poll at a time. `working` -> `draining` (receives
 * nothing new; hands back what a poll still brings; finishes what has been started, within the drain
 * time-out) -> `drained` (holds nothing) -> `working` again when called back.
 */
export class WorkLoop {
  readonly #deps: WorkLoopDeps;
  readonly #inHand = new Set<Promise<void>>();
  #state: WorkerState = 'working';
  #stopping = false;
  #polling = false;
  #pollFailures = 0;
  readonly #broken = Promise.withResolvers<never>();
  #change = Promise.withResolvers<void>();
  /** Ends waits that make sense only while working. */
  #notWorking = new AbortController();
  /** Ends the countdown to the drain deadline. */
  #drainOver = new AbortController();
  /** Aborted at the drain deadline: what is in hand is given back. */
  #giveBack = new AbortController();

  constructor(deps: WorkLoopDeps) {
    this.#deps = deps;
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** Works until it is stopped and drained. Rejects only when a handler broke its promise never to fail. */
  run(): Promise<void> {
    return Promise.race([this.#loop(), this.#broken.promise]);
  }

  async #loop(): Promise<void> {
    while (!(this.#stopping && this.#state === 'drained')) {
      if (this.#state === 'working' && this.#deps.slots.free > 0) await this.#poll();
      else await this.#change.promise;
    }
  }

  drain(): void {
    if (this.#state !== 'working') return;
    this.#notWorking.abort();
    this.#drainOver = new AbortController();
    void this.#giveBackAfterTimeout(this.#drainOver.signal);
    this.#enter('draining');
    this.#settle();
  }

  /** Goes back to work, unless it is stopping. */
  resume(): void {
    if (this.#state === 'working' || this.#stopping) return;
    this.#drainOver.abort();
    this.#notWorking = new AbortController();
    if (this.#giveBack.signal.aborted) this.#giveBack = new AbortController();
    this.#enter('working');
  }

  /** Drains for good: `run` resolves when nothing is in hand. */
  stop(): void {
    this.#stopping = true;
    this.drain();
    this.#notify();
  }

  async #poll(): Promise<void> {
    const { queue, slots, activity, random, clock, log } = this.#deps;
    this.#polling = true;
    try {
      const messages = await queue.receive({
        maxMessages: Math.min(slots.free, MAX_MESSAGES),
        waitSeconds: this.#deps.pollSeconds,
        visibilityTimeoutSeconds: this.#deps.visibilityTimeoutSeconds,
      });
      this.#pollFailures = 0;
      if (messages.length === 0) activity.polledInVain();
      for (const message of messages) this.#track(this.#take(message));
    } catch (error) {
      const delayMs = retryDelayMs(++this.#pollFailures, random());
      log.warn({ error, delayMs }, 'the request queue cannot be polled');
      await clock.sleep(delayMs, this.#notWorking.signal);
    } finally {
      this.#polling = false;
      this.#settle();
    }
  }

  #take(message: ReceivedMessage): Promise<void> {
    return this.#state === 'working' ? this.#work(message) : this.#handBack(message);
  }

  async #work(message: ReceivedMessage): Promise<void> {
    const { activity, handle } = this.#deps;
    activity.imageTaken();
    const handled = await handle(message, this.#giveBack.signal);
    activity.imageLeft(handled === 'answered' ? 'settled' : 'not-settled');
  }

  async #handBack({ messageId, receipt }: ReceivedMessage): Promise<void> {
    const { queue, log } = this.#deps;
    try {
      await queue.retryIn(receipt, 0);
      log.info({ messageId }, 'handed back: the worker is draining');
    } catch (error) {
      log.warn({ messageId, error }, 'not handed back: it comes again after its time-out');
    }
  }

  #track(work: Promise<void>): void {
    const ended = work
      .catch((error: unknown) => this.#broken.reject(error))
      .finally(() => {
        this.#inHand.delete(ended);
        this.#settle();
      });
    this.#inHand.add(ended);
  }

  async #giveBackAfterTimeout(drainOver: AbortSignal): Promise<void> {
    await this.#deps.clock.sleep(this.#deps.drainTimeoutMs, drainOver);
    if (drainOver.aborted) return;
    this.#deps.log.warn({ images: this.#inHand.size }, 'drain time-out: the rest is given back');
    this.#giveBack.abort(new Error('the drain time-out is over'));
  }

  /** Looks whether draining has come to its end. */
  #settle(): void {
    if (this.#state === 'draining' && !this.#polling && this.#inHand.size === 0) {
      this.#drainOver.abort();
      this.#enter('drained');
    }
    this.#notify();
  }

  #enter(state: WorkerState): void {
    this.#state = state;
    this.#deps.log.info({ state }, 'worker state');
    this.#deps.onStateChange();
    this.#notify();
  }

  #notify(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}
