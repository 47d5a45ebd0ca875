import type { Queue, ReceivedMessage } from './queue.ts';

export interface VisibilityExtenderConfig {
  /** The queue's time-out for what is held: each extend asks for this long again. */
  visibilityTimeoutMs: number;
  /** How often every held message is extended; a third of the time-out leaves room for two failures. */
  intervalMs: number;
  /** An extend failed; it is tried again with the next beat. */
  onError: (error: unknown, message: ReceivedMessage) => void;
  /** Monotonic milliseconds, on the clock of `ReceivedMessage.receivedAtMs`. */
  monotonicMs?: () => number;
}

/** A message that is kept invisible while its worker has it. */
export interface VisibilityExtension {
  /**
   * True once others may have seen the message, and from then on: it must not be started, nor deleted (P6). Errs
   * on the side of yes: counted from before the last successful extend was sent, less a margin of 2 s.
   */
  lapsed(): boolean;
  /** Stops extending. Resolved, no extend is under way any more: a backoff set from here on stands (P6). */
  stop(): Promise<void>;
}

const MARGIN_MS = 2_000;

/** Keeps received messages invisible, all of them with one timer, so that their extends travel together. */
export class VisibilityExtender implements AsyncDisposable {
  readonly #queue: Pick<Queue, 'extend'>;
  readonly #settings: VisibilityExtenderConfig;
  readonly #now: () => number;
  readonly #marginMs: number;
  readonly #held = new Set<Extended>();
  readonly #timer: NodeJS.Timeout;

  constructor(queue: Pick<Queue, 'extend'>, settings: VisibilityExtenderConfig) {
    this.#queue = queue;
    this.#settings = settings;
    this.#now = settings.monotonicMs ?? (() => performance.now());
    // With a time-out of a few seconds, as in tests, the whole margin would leave nothing.
    this.#marginMs = Math.min(MARGIN_MS, settings.visibilityTimeoutMs / 4);
    this.#timer = setInterval(() => {
      for (const held of this.#held) {
        if (this.#hasLapsed(held)) this.#giveUp(held);
        else held.extending ??= this.#extend(held);
      }
    }, settings.intervalMs);
  }

  /** From now on the message is extended, until its release. */
  start(message: ReceivedMessage): VisibilityExtension {
    const held: Extended = {
      message,
      invisibleUntilMs: message.receivedAtMs + this.#settings.visibilityTimeoutMs,
    };
    this.#held.add(held);
    return {
      lapsed: () => this.#hasLapsed(held),
      stop: async () => {
        this.#held.delete(held);
        await held.extending;
      },
    };
  }

  /** Stops extending anything and resolves when no extend is under way any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    const underWay = [...this.#held].flatMap(({ extending }) => extending ?? []);
    this.#held.clear();
    await Promise.all(underWay);
  }

  #hasLapsed(held: Extended): boolean {
    return this.#now() >= held.invisibleUntilMs - this.#marginMs;
  }

  /** Somebody else may have the message, or it is deleted: it cannot be held any more. */
  #giveUp(held: Extended): void {
    held.invisibleUntilMs = -Infinity;
    this.#held.delete(held);
  }

  async #extend(held: Extended): Promise<void> {
    const sentAtMs = this.#now();
    const { visibilityTimeoutMs, onError } = this.#settings;
    try {
      const outcome = await this.#queue.extend(
        held.message.receipt,
        Math.ceil(visibilityTimeoutMs / 1000),
      );
      // SQS extends for an older receipt, too: one that was answered too late does not say whose the message is.
      if (outcome === 'done' && !this.#hasLapsed(held)) {
        held.invisibleUntilMs = sentAtMs + visibilityTimeoutMs;
      } else this.#giveUp(held);
    } catch (error) {
      onError(error, held.message);
    } finally {
      held.extending = undefined;
    }
  }
}

interface Extended {
  readonly message: ReceivedMessage;
  invisibleUntilMs: number;
  extending?: Promise<void> | undefined;
}
