import { Violation } from './history.ts';

/** One delivery, as its client received it. */
export interface Delivery {
  readonly body: string;
  readonly messageId: string;
  readonly receiveCount: number;
  readonly sentAtMs: number;
  readonly firstReceivedAtMs: number;
  /** The times of the call and of its answer. */
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
  readonly visibilityMs: number;
}

interface Entry {
  readonly body: string;
  acknowledged: boolean;
  deleted: 'no' | 'maybe' | 'yes';
  deletedAtMs: number;
  /** The earliest time of its next delivery, by the acknowledged calls. */
  hiddenUntilMs: number;
  last: Delivery | undefined;
}

/** The promises of a queue for each message, by its unique body. It has no clock: times are parameters. */
export class MessageLedger {
  readonly #entries = new Map<string, Entry>();
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  /** The largest possible number of messages in the queue. */
  get open(): number {
    return [...this.#entries.values()].filter(({ deleted }) => deleted !== 'yes').length;
  }

  get size(): number {
    return this.#entries.size;
  }

  subjectOf(body: string): string {
    return `${this.#name} ${body}`;
  }

  sending(body: string, visibleFromMs: number): void {
    if (this.#entries.has(body)) return; // a repeat, because the first answer was lost
    this.#entries.set(body, {
      body,
      acknowledged: false,
      deleted: 'no',
      deletedAtMs: Infinity,
      hiddenUntilMs: visibleFromMs,
      last: undefined,
    });
  }

  sent(body: string): void {
    this.#find(body).acknowledged = true;
  }

  /** @throws Violation */
  received(delivery: Delivery): void {
    const entry = this.#find(delivery.body);
    const { last } = entry;
    const fail = (what: string) => new Violation(this.subjectOf(entry.body), what);
    if (entry.deleted === 'yes' && delivery.askedAtMs > entry.deletedAtMs) {
      throw fail('came back after its delete was acknowledged');
    }
    if (delivery.answeredAtMs < entry.hiddenUntilMs) {
      throw fail(`was delivered ${entry.hiddenUntilMs - delivery.answeredAtMs} ms too early`);
    }
    if (last !== undefined) {
      if (delivery.receiveCount <= last.receiveCount) {
        throw fail(`its receive count went from ${last.receiveCount} to ${delivery.receiveCount}`);
      }
      for (const field of ['messageId', 'sentAtMs', 'firstReceivedAtMs'] as const) {
        if (delivery[field] !== last[field]) {
          throw fail(`its ${field} went from ${last[field]} to ${delivery[field]}`);
        }
      }
    }
    entry.last = delivery;
    entry.hiddenUntilMs = delivery.askedAtMs + delivery.visibilityMs;
  }

  /** Call it before a client changes a message's visibility or deletes it. */
  changing(body: string, what: 'delete' | 'visibility'): void {
    const entry = this.#find(body);
    if (what === 'delete' && entry.deleted === 'no') entry.deleted = 'maybe';
    if (what === 'visibility') entry.hiddenUntilMs = 0;
  }

  hidden(body: string, untilMs: number): void {
    this.#find(body).hiddenUntilMs = untilMs;
  }

  /** A delete counts only if no later receive can have replaced its receipt. */
  deleted(body: string, ofDelivery: Delivery, nowMs: number): void {
    const entry = this.#find(body);
    if (nowMs >= ofDelivery.askedAtMs + ofDelivery.visibilityMs) return;
    entry.deleted = 'yes';
    entry.deletedAtMs = nowMs;
  }

  /** The messages that must be in the queue. */
  owed(): string[] {
    return [...this.#entries.values()]
      .filter(({ acknowledged, deleted }) => acknowledged && deleted === 'no')
      .map(({ body }) => body);
  }

  /** Call it when the queue is empty. @throws Violation if a message was lost */
  checkDrained(): void {
    const [lost] = this.owed();
    if (lost !== undefined) {
      throw new Violation(this.subjectOf(lost), 'was acknowledged, never deleted, and is lost');
    }
  }

  #find(body: string): Entry {
    const entry = this.#entries.get(body);
    if (entry === undefined) throw new Violation(this.subjectOf(body), 'was never sent');
    return entry;
  }
}
