import { describe, test } from 'vitest';

import { createBucket, type TestBucket } from '@labelfleet/testkit/test-bucket';
import { expectError } from '@labelfleet/testkit/expect-error';
import { createQueue, type TestQueue } from '@labelfleet/testkit/test-queue';
import type { Clients } from './clients.ts';
import { NEEDS, type Need } from './target.ts';

/** One behaviour of AWS, tested with a client. */
export interface Case<Context = Clients> {
  /** Unique; docs/local-cloud.md has a row for it if AWS differs. */
  readonly id: string;
  /** Continues the title of its table. */
  readonly sentence: string;
  /** The page of AWS's documentation. */
  readonly source?: string;
  readonly needs?: readonly Need[];
  /** Throws if the target behaves differently. Creates everything that it uses, so that cases can run in parallel. */
  run(context: Context): Promise<void>;
}

export interface Table {
  readonly title: string;
  readonly cases: readonly Case[];
}

/** Cases that each start with what `start` creates. */
export const startingWith =
  <Created>(start: (clients: Clients) => Promise<Created>) =>
  (...cases: Case<Clients & Created>[]): Case[] =>
    cases.map((each) => ({
      ...each,
      run: async (clients) => each.run({ ...clients, ...(await start(clients)) }),
    }));

export type BucketCase = Case<Clients & { bucket: TestBucket }>;
export type QueueCase = Case<Clients & { queue: TestQueue }>;

/** Cases that each start with a bucket. */
export const withBucket = startingWith(async ({ s3 }) => ({ bucket: await createBucket(s3) }));

/** Cases that each start with a queue that has these attributes. */
export const withQueue = (attributes: Record<string, string> = {}) =>
  startingWith(async ({ sqs }) => ({ queue: await createQueue(sqs, attributes) }));

interface Refusals<Input> {
  /** Before the id of each row. */
  readonly prefix: string;
  readonly sentence: (what: string) => string;
  readonly source: string;
  readonly needs?: readonly Need[];
  readonly call: (clients: Clients, input: Input) => Promise<unknown>;
}

/** Cases in which AWS refuses a call because of its input: one row a case. */
export const refusals = <Input>(
  { prefix, sentence, call, ...facts }: Refusals<Input>,
  rows: readonly (readonly [id: string, what: string, input: NoInfer<Input>, error: string])[],
): Case[] =>
  rows.map(([id, what, input, error]) => ({
    id: `${prefix}-${id}`,
    sentence: sentence(what),
    ...facts,
    run: (clients) => expectError(call(clients, input), error),
  }));

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
