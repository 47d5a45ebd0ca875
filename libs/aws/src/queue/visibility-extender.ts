import type { Queue, ReceivedMessage } from './queue.ts';

export interface VisibilityExtenderConfig {
  /** The visibility time-out of the received messages; each extension asks for the same time again. */
  visibilityTimeoutMs: number;
  /** Time between two extensions of a message; a third of the time-out tolerates two failures. */
  intervalMs: number;
  /** Called when an extension failed; it is tried again after the interval. */
  onError: (error: unknown, message: ReceivedMessage) => void;
  /** On the clock of `ReceivedMessage.receivedAtMs`. */
  monotonicMs?: () => number;
}

/** Keeps one message invisible while a worker has it. */
export interface VisibilityExtension {
  /**
   * True once other workers may have received the message; it stays true. The message must then be neither started
   * nor deleted (P6). Counted from before the last successful extension was sent, less a margin of 2 s.
   */
  lapsed(): boolean;
  /** Stops extending. Resolves when no extension is in flight, so that a later backoff is not undone (P6). */
  stop(): Promise<void>;
}

const MARGIN_MS = 2_000;

/** Keeps received messages invisible. One timer extends them all, so that the calls share batches. */
export class VisibilityExtender implements AsyncDisposable {
  readonly #queue: Pick<Queue, 'extend'>;
  readonly #config: VisibilityExtenderConfig;
  readonly #monotonicMs: () => number;
  readonly #marginMs: number;
  readonly #extensions = new Set<Extension>();
  readonly #timer: NodeJS.Timeout;

  constructor(queue: Pick<Queue, 'extend'>, config: VisibilityExtenderConfig) {
    this.#queue = queue;
    this.#config = config;
    this.#monotonicMs = config.monotonicMs ?? (() => performance.now());
    // Tests use time-outs of a few seconds, of which a margin of 2 s would leave nothing.
    this.#marginMs = Math.min(MARGIN_MS, config.visibilityTimeoutMs / 4);
    this.#timer = setInterval(() => {
      for (const extension of this.#extensions) {
        if (this.#hasLapsed(extension)) this.#end(extension);
        else extension.inFlight ??= this.#extend(extension);
      }
    }, config.intervalMs);
  }

  /** Extends the message's invisibility until `stop` is called. */
  start(message: ReceivedMessage): VisibilityExtension {
    const extension: Extension = {
      message,
      invisibleUntilMs: message.receivedAtMs + this.#config.visibilityTimeoutMs,
    };
    this.#extensions.add(extension);
    return {
      lapsed: () => this.#hasLapsed(extension),
      stop: async () => {
        this.#extensions.delete(extension);
        await extension.inFlight;
      },
    };
  }

  /** Stops all extensions and resolves when none is in flight. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    const inFlight = [...this.#extensions].flatMap(({ inFlight }) => inFlight ?? []);
    this.#extensions.clear();
    await Promise.all(inFlight);
  }

  #hasLapsed(extension: Extension): boolean {
    return this.#monotonicMs() >= extension.invisibleUntilMs - this.#marginMs;
  }

  /** Another worker may have the message, or it is deleted. */
  #end(extension: Extension): void {
    extension.invisibleUntilMs = -Infinity;
    this.#extensions.delete(extension);
  }

  async #extend(extension: Extension): Promise<void> {
    const sentAtMs = this.#monotonicMs();
    const { visibilityTimeoutMs, onError } = this.#config;
    try {
      const outcome = await this.#queue.extend(
        extension.message.receipt,
        Math.ceil(visibilityTimeoutMs / 1000),
      );
      // SQS also accepts older receipts, so a late success does not prove that no other worker has the message.
      if (outcome === 'done' && !this.#hasLapsed(extension)) {
        extension.invisibleUntilMs = sentAtMs + visibilityTimeoutMs;
      } else this.#end(extension);
    } catch (error) {
      onError(error, extension.message);
    } finally {
      extension.inFlight = undefined;
    }
  }
}

interface Extension {
  readonly message: ReceivedMessage;
  invisibleUntilMs: number;
  inFlight?: Promise<void> | undefined;
}
