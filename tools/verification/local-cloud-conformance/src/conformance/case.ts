import { describe, test } from 'vitest';

import type { Clients } from './clients.ts';
import { NEEDS, type Need } from './needs.ts';

/** One behaviour of AWS, tested with a client. */
export interface Case {
  /** Unique; docs/local-cloud.md has a row for it if AWS differs. */
  readonly id: string;
  /** Continues the title of its table. */
  readonly sentence: string;
  /** The page of AWS's documentation. */
  readonly source?: string;
  readonly needs?: readonly Need[];
  /** Throws if the target behaves differently. Creates everything that it uses, so that cases can run in parallel. */
  run(clients: Clients): Promise<void>;
}

export interface Table {
  readonly title: string;
  readonly cases: readonly Case[];
}

/** Registers a table as tests. Cases that the target cannot run are skipped with the reason in their title. */
export function runTable({ title, cases }: Table, clients: Clients): void {
  describe(title, () => {
    for (const each of cases) {
      const missing = (each.needs ?? []).filter((need) => !clients.has(need));
      const name = `${each.sentence} (${each.id}`;
      if (missing.length === 0) test.concurrent(`${name})`, () => each.run(clients));
      else test.skip(`${name}; skipped: it needs ${reasons(missing)})`);
    }
  });
}

const reasons = (needs: readonly Need[]) => needs.map((need) => NEEDS[need]).join('; ');
