import type { Fault } from './fault.ts';
import { matcherOf, type Occasion } from './matches.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { nextRandoms } from './random.ts';

/** A fault that is set, and how often it had its chance. */
export interface Rule {
  readonly id: string;
  readonly fault: Fault;
  readonly matches: (occasion: Occasion) => boolean;
  readonly seed: number;
  readonly setAtMs: number;
  /** Occasions that it was meant for while it was in force, and those of them that it hit. */
  readonly matched: number;
  readonly fired: number;
  /** State of its random numbers. */
  readonly random: number;
}

export function newRule(fault: Fault, named: { id: string; seed: number; nowMs: number }): Rule {
  const { id, seed, nowMs } = named;
  const matches = matcherOf(fault);
  return { id, fault, matches, seed, setAtMs: nowMs, matched: 0, fired: 0, random: seed };
}

/** `spent`: it has hit as many as it was to hit. */
export function stateOf({ fault, setAtMs, fired }: Rule, nowMs: number) {
  if (fault.count !== undefined && fired >= fault.count) return 'spent';
  const { expiresInSeconds } = fault;
  return expiresInSeconds !== undefined && nowMs >= setAtMs + expiresInSeconds * 1000
    ? 'expired'
    : 'active';
}

/** Whether an occasion is hit and how (null: it is not), and the rule after it. */
export function decide(
  rule: Rule,
  occasion: Occasion,
  nowMs: number,
): { outcome: Outcome | null; rule: Rule } {
  if (stateOf(rule, nowMs) !== 'active' || !rule.matches(occasion)) return { outcome: null, rule };
  // As many numbers for each match, so that what one call draws does not depend on what hit another.
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
