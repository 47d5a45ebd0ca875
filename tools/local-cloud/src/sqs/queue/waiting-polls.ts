import type { Message } from '../message/message.ts';

/** One ReceiveMessage that waits for messages. */
export interface Poll {
  max: number;
  visibilityMs: number;
  answer(messages: Message[]): void;
}

/** Long polls in the order of arrival. Each ends once: with messages, at its timeout, or aborted. */
export class WaitingPolls {
  readonly #polls = new Set<Poll>();

  get first(): Poll | undefined {
    return this.#polls.values().next().value;
  }

  /** Resolves with the messages that arrive within `waitMs`. An aborted poll receives nothing. */
  wait(
    options: { max: number; visibilityMs: number; waitMs: number },
    abandoned: AbortSignal,
  ): Promise<Message[]> {
    return new Promise((resolve) => {
      const end = (messages: Message[]) => {
        this.#polls.delete(poll);
        clearTimeout(timer);
        abandoned.removeEventListener('abort', onAbandoned);
        resolve(messages);
      };
      const onAbandoned = () => end([]);
      const poll: Poll = {
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

  answerAll(): void {
    for (const poll of [...this.#polls]) poll.answer([]);
  }
}
