import { setTimeout as delay } from 'node:timers/promises';
import type { History } from '../history/history.ts';
import type { FaultsClient } from '@labelfleet/testkit/faults-client';

const LOOK_EVERY_MS = 200;

/** Notes every hit of a fault. The local cloud forgets them with its process, so they are read before it is killed. */
export class FaultLog {
  readonly #faults: Pick<FaultsClient, 'log'>;
  readonly #history: Pick<History, 'note'>;
  #after = 0;
  #reading: Promise<void> = Promise.resolve();

  constructor(faults: Pick<FaultsClient, 'log'>, history: Pick<History, 'note'>) {
    this.#faults = faults;
    this.#history = history;
  }

  /** Notes what has been hit by now. Nothing, where the local cloud does not run. */
  read(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read());
    return this.#reading;
  }

  /** The local cloud has been started anew: it counts from 1 again. */
  restarted(): void {
    this.#after = 0;
  }

  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.read();
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
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
