import type { Facts } from './matches.ts';
import type { Outcome } from './outcome.ts';

/** The number of newest entries that are kept. */
const MAX_ENTRIES = 1000;

/** One occasion on which a fault fired. */
export interface Entry {
  /** The number of the entry, from 1. */
  readonly sequence: number;
  readonly at: string;
  readonly fault: string;
  readonly action: string;
  readonly facts: Facts;
  readonly outcome: Outcome;
}

/** The facts of the occasion, which identify the queue or instance. */
export class Journal {
  #entries: Entry[] = [];
  #sequence = 0;

  add(entry: Omit<Entry, 'sequence'>): void {
    this.#entries.push({ sequence: ++this.#sequence, ...entry });
    if (this.#entries.length >= 2 * MAX_ENTRIES) this.#entries = this.#entries.slice(-MAX_ENTRIES);
  }

  /** Oldest first. */
  entries(filter: { fault?: string | undefined; after?: number | undefined } = {}): Entry[] {
    const { fault, after = 0 } = filter;
    return this.#entries
      .slice(-MAX_ENTRIES)
      .filter((entry) => entry.sequence > after && (fault === undefined || entry.fault === fault));
  }
}
