import type { Fault } from './fault.ts';
import { matcherOf, type Occasion } from './matches.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { nextRandoms } from './random.ts';

/** A fault with its counters. */
export interface Rule {
  readonly id: string;
  readonly fault: Fault;
  readonly matches: (occasion: Occasion) => boolean;
  readonly seed: number;
  readonly setAtMs: number;
  /** The number of occasions that matched while the fault was active, and of those on which it fired. */
  readonly matched: number;
  readonly fired: number;
  /** The state of its random number generator. */
  readonly random: number;
}

export function newRule(fault: Fault, named: { id: string; seed: number; nowMs: number }): Rule {
  const { id, seed, nowMs } = named;
  const matches = matcherOf(fault);
  return { id, fault, matches, seed, setAtMs: nowMs, matched: 0, fired: 0, random: seed };
}

/** `spent` means that it has fired `times` times. */
export function stateOf({ fault, setAtMs, fired }: Rule, nowMs: number) {
  if (fault.count !== undefined && fired >= fault.count) return 'spent';
  const { expiresInSeconds } = fault;
  return expiresInSeconds !== undefined && nowMs >= setAtMs + expiresInSeconds * 1000
    ? 'expired'
    : 'active';
}

/** Decides whether a fault fires on an occasion and with what outcome (null: it does not), and returns the next rule. */
export function decide(
  rule: Rule,
  occasion: Occasion,
  nowMs: number,
): { outcome: Outcome | null; rule: Rule } {
  if (stateOf(rule, nowMs) !== 'active' || !rule.matches(occasion)) return { outcome: null, rule };
  // Every match draws the same number of random numbers, so one call's draw does not depend on another call's outcome.
  const { values, next } = nextRandoms(rule.random, 4);
  const [chance = 0, ...dice] = values;
  const matched = rule.matched + 1;
  const { probability = 1, every = 1 } = rule.fault;
  const fires = chance < probability && matched % every === 0;
  return {
    outcome: fires ? outcomeOf(rule.fault, occasion.action, dice) : null,
    rule: { ...rule, matched, fired: rule.fired + (fires ? 1 : 0), random: next },
  };
}
