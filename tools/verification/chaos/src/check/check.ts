import type { HistoryEvent } from '../history/event.ts';
import { findDisagreeing, findWrong } from './answers.ts';
import { findTooManyAttempts, findWronglyExhausted } from './attempts.ts';
import { findBatchFaults } from './batches.ts';
import { findIntrusions } from './callers.ts';
import { gatherEvidence, type Evidence } from './evidence.ts';
import { findBusyStopped, findTooMany } from './fleet.ts';
import { findBroken } from './processes.ts';
import { findDoubled, findLost, findUnasked } from './requests.ts';
import { findStreamFaults } from './streams.ts';
import { findWebhookFaults } from './webhooks.ts';

/** What breaks a rule: a request id, offer, instance id or process name to search the history for, and how. */
export type Broken = readonly [subject: string, what: string];

/** Rules about batches, event streams, webhooks and API keys. */
const TRAFFIC_RULES = {
  /** A form is one batch, and every answer shows the same images with counts that fit. */
  'batches are whole': findBatchFaults,
  /** Each reader gets every completed image once, and then the end. */
  'event streams deliver once': findStreamFaults,
  /** Every webhook that was asked for arrives at least once, signed, and no other. */
  'webhooks arrive': findWebhookFaults,
  'callers see only their own': findIntrusions,
} as const satisfies Record<string, (evidence: Evidence) => Broken[]>;

export type TrafficRule = keyof typeof TRAFFIC_RULES;

const RULES = {
  /** Every accepted request gets a result, and every offer an answer. */
  'nothing is lost': findLost,
  /** One offer is one request with one result. */
  'nothing is doubled': findDoubled,
  'no result without a request': findUnasked,
  /** Every answer about a request equals its stored result. */
  'answers agree with what is stored': findDisagreeing,
  'answers are right': findWrong,
  ...TRAFFIC_RULES,
  'at most four attempts': findTooManyAttempts,
  'exhausted only after three killed attempts': findWronglyExhausted,
  'never more instances than max': findTooMany,
  'no busy worker is stopped by scale-in': findBusyStopped,
  'nothing is left running': ({ left }) => left.map(({ what }) => [what, what]),
  /** No process ends unless the run killed or stopped it. */
  'no process fails without a kill': findBroken,
} as const satisfies Record<string, (evidence: Evidence) => Broken[]>;

export type Rule = keyof typeof RULES;

/** A broken rule. */
export interface Finding {
  rule: Rule;
  subject: string;
  what: string;
}

/**
 * Checks a history, with the objects of the buckets and the lines of the logs, against every rule. Anything that
 * the history does not explain is a finding.
 */
export function check(events: readonly HistoryEvent[]): Finding[] {
  const evidence = gatherEvidence(events);
  return Object.entries(RULES).flatMap(([rule, find]) =>
    find(evidence).map(([subject, what]) => ({ rule: rule as Rule, subject, what })),
  );
}
