import type { FaultsClient } from '@labelfleet/testkit/faults-client';
import type { History } from '../history/history.ts';

/** Adds every fault that occurred to the history. The local cloud loses its list when killed, so read it before. */
export class FaultLog {
  readonly #faults: Pick<FaultsClient, 'log'>;
  readonly #history: Pick<History, 'note'>;
  #after = 0;
  #reading: Promise<void> = Promise.resolve();

  constructor(faults: Pick<FaultsClient, 'log'>, history: Pick<History, 'note'>) {
    this.#faults = faults;
    this.#history = history;
  }

  /** Adds the faults since the last read; none while the local cloud is down. */
  read(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read());
    return this.#reading;
  }

  /** Call after a restart of the local cloud, which then counts from 1 again. */
  restarted(): void {
    this.#after = 0;
  }

  async #read(): Promise<void> {
    const entries = await this.#faults.log({ after: this.#after }).catch(() => []);
    for (const { sequence, at, action, facts, outcome } of entries) {
      this.#after = sequence;
      const [caller = ''] = facts['caller'] ?? [];
      this.#history.note({ kind: 'fault', fault: outcome.kind, action, caller }, Date.parse(at));
    }
  }
}
