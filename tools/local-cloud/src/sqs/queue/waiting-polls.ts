import type { Message } from '../message/message.ts';

/** What a poll asks for. */
export interface Poll {
  max: number;
  visibilityMs: number;
}

/** One ReceiveMessage. */
export interface Receive extends Poll {
  waitMs: number;
}

interface WaitingPoll extends Poll {
  answer(messages: Message[]): void;
}

/** The queue whose messages the polls wait for. */
interface Source {
  /** Receives messages for a poll. */
  take(poll: Poll): Message[];
  /** The time at which the next message becomes visible; undefined if none is delayed or in flight. */
  nextDueMs(): number | undefined;
  nowMs(): number;
}

/** Long polls in the order of arrival. Each ends once: with messages, at its timeout, or aborted. */
export class WaitingPolls {
  readonly #source: Source;
  readonly #polls = new Set<WaitingPoll>();
  #due: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(source: Source) {
    this.#source = source;
  }

  get empty(): boolean {
    return this.#polls.size === 0;
  }

  /** Resolves with the messages that arrive within `waitMs`. An aborted poll receives nothing. */
  wait(options: Receive, abandoned: AbortSignal): Promise<Message[]> {
    return new Promise((resolve) => {
      const end = (messages: Message[]) => {
        this.#polls.delete(poll);
        clearTimeout(timer);
        abandoned.removeEventListener('abort', onAbandoned);
        resolve(messages);
      };
      const onAbandoned = () => end([]);
      const poll: WaitingPoll = {
        max: options.max,
        visibilityMs: options.visibilityMs,
        answer: end,
      };
      const timer = setTimeout(() => end([]), Math.max(1, options.waitMs));
      abandoned.addEventListener('abort', onAbandoned);
      if (abandoned.aborted) end([]);
      else this.#polls.add(poll);
    });
  }

  /**
   * Serves the polls at the end of this turn of the event loop. By then, the sockets' data of the same turn is
   * processed, so that a poll whose client has just disconnected receives no message, and messages of several sends
   * are delivered together.
   */
  serveSoon(): void {
    if (this.empty) return;
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.#serve();
    });
  }

  /** Ends every poll and every timer. */
  close(): void {
    clearTimeout(this.#due);
    clearImmediate(this.#turn);
    for (const poll of [...this.#polls]) poll.answer([]);
  }

  #serve(): void {
    for (const poll of this.#polls) {
      const messages = this.#source.take(poll);
      if (messages.length === 0) break;
      poll.answer(messages);
    }
    clearTimeout(this.#due);
    const dueMs = this.#source.nextDueMs();
    if (dueMs === undefined || this.empty) return;
    this.#due = setTimeout(() => this.#serve(), Math.max(1, dueMs - this.#source.nowMs()));
  }
}
