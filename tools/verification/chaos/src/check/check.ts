import type { HistoryEvent } from '../history/event.ts';
import { findDisagreeing, findWrong } from './answers.ts';
import { findBroken, findLeft } from './ends.ts';
import { gatherEvidence, type Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import { findBusyStopped, findTooMany } from './fleet.ts';
import { findDoubled, findLost, findUnasked } from './requests.ts';
import { findTooManyAttempts, findWronglyExhausted } from './attempts.ts';

const RULES: readonly ((evidence: Evidence) => Finding[])[] = [
  findLost,
  findDoubled,
  findUnasked,
  findDisagreeing,
  findWrong,
  findTooManyAttempts,
  findWronglyExhausted,
  findTooMany,
  findBusyStopped,
  findLeft,
  findBroken,
];

/**
 * Checks a history, with the objects of the buckets and the lines of the logs, against every rule. Anything that
 * the history does not explain is a finding.
 */
export function check(events: readonly HistoryEvent[]): Finding[] {
  const evidence = gatherEvidence(events);
  return RULES.flatMap((rule) => rule(evidence));
}
