import * as z from 'zod';

import type { Collection } from '../../storage/storage.ts';

/** SQS remembers a deduplication id for this long after the first message with it. */
const WINDOW_MS = 5 * 60_000;

export const sentOnce = z.object({
  messageId: z.string(),
  sequence: z.int(),
  untilMs: z.number(),
});

export type SentOnce = z.output<typeof sentOnce>;

/** The deduplication ids that a FIFO queue received in the last five minutes. */
export class Deduplication {
  readonly #sent: Map<string, SentOnce>;
  readonly #stored: Pick<Collection<SentOnce>, 'save' | 'remove'>;

  /** @param sent the messages that an earlier process persisted, by id */
  constructor(
    stored: Pick<Collection<SentOnce>, 'save' | 'remove'>,
    sent: Iterable<readonly [id: string, SentOnce]>,
  ) {
    this.#stored = stored;
    this.#sent = new Map([...sent].sort(([, a], [, b]) => a.untilMs - b.untilMs));
  }

  /** Returns the earlier message with this id if it was sent within the last five minutes. */
  find(id: string, nowMs: number): SentOnce | undefined {
    this.#forget(nowMs);
    return this.#sent.get(id);
  }

  remember(id: string, message: { messageId: string; sequence: number }, nowMs: number): void {
    const sent = { ...message, untilMs: nowMs + WINDOW_MS };
    this.#sent.set(id, sent);
    this.#stored.save(id, sent);
  }

  forgetAll(): void {
    this.#forget(Infinity);
  }

  /** Drops expired ids. A Map keeps the order of insertion, so the oldest come first. */
  #forget(nowMs: number): void {
    for (const [id, { untilMs }] of this.#sent) {
      if (untilMs > nowMs) return;
      this.#sent.delete(id);
      this.#stored.remove(id);
    }
  }
}
