/** SQS remembers a deduplication id for this long after the first message with it. */
const WINDOW_MS = 5 * 60_000;

export interface SentOnce {
  messageId: string;
  sequence: number;
}

/** What a FIFO queue has been sent lately. */
export class Deduplication {
  readonly #sent = new Map<string, SentOnce & { untilMs: number }>();

  /** The earlier message with this id, if it was sent within the last five minutes. */
  find(id: string, nowMs: number): SentOnce | undefined {
    this.#forget(nowMs);
    return this.#sent.get(id);
  }

  remember(id: string, message: SentOnce, nowMs: number): void {
    this.#sent.set(id, { ...message, untilMs: nowMs + WINDOW_MS });
  }

  /** A Map keeps the order of insertion, and all stay equally long: the first are the oldest. */
  #forget(nowMs: number): void {
    for (const [id, { untilMs }] of this.#sent) {
      if (untilMs > nowMs) return;
      this.#sent.delete(id);
    }
  }
}
