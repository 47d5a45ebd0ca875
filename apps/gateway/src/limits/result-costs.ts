import type { StoredResult } from '@labelfleet/contracts';
import type { DayUsage } from './day-usage.ts';

/** More than complete while the second reply to a request is under way. */
const REMEMBERED = 20_000;

/** Counts the cost of each result once, although a request may have several replies. */
export class ResultCosts {
  readonly #usage: Pick<DayUsage, 'count'>;
  /** The oldest first. */
  readonly #counted = new Set<string>();

  constructor(usage: Pick<DayUsage, 'count'>) {
    this.#usage = usage;
  }

  count({ id, caller, cost }: Pick<StoredResult, 'id' | 'caller' | 'cost'>): void {
    if (caller === undefined || cost === undefined || this.#counted.has(id)) return;
    this.#counted.add(id);
    const [oldest] = this.#counted;
    if (this.#counted.size > REMEMBERED && oldest !== undefined) this.#counted.delete(oldest);
    this.#usage.count(caller, { usd: cost.total });
  }
}
