import { describe, test } from 'vitest';

import type { Clients } from './clients.ts';
import { NEEDS, type Need } from './needs.ts';

/** One behaviour, and how a client sees it. */
export interface Case {
  /** Its own among all cases; docs/local-cloud.md has a row for it if AWS differs. */
  readonly id: string;
  /** Reads on from the title of its table. */
  readonly sentence: string;
  /** Where AWS documents it. */
  readonly source?: string;
  readonly needs?: readonly Need[];
  /** Throws when the target does not behave so. Makes what it uses, so that cases can run side by side. */
  run(clients: Clients): Promise<void>;
}

export interface Table {
  readonly title: string;
  readonly cases: readonly Case[];
}

/** Registers a table as tests; what the target cannot show is skipped, and its title says why. */
export function runTable({ title, cases }: Table, clients: Clients): void {
  describe(title, () => {
    for (const each of cases) {
      const missing = (each.needs ?? []).filter((need) => !clients.has(need));
      const name = `${each.sentence} (${each.id}`;
      if (missing.length === 0) test.concurrent(`${name})`, () => each.run(clients));
      else test.skip(`${name}; left out: it needs ${reasons(missing)})`);
    }
  });
}

const reasons = (needs: readonly Need[]) => needs.map((need) => NEEDS[need]).join('; ');
