import { randomInt } from 'node:crypto';

import { decide, newRule, stateOf, type Rule } from './decide.ts';
import { parseFault, type FaultKind } from './fault.ts';
import { HeldCalls } from './held-calls.ts';
import { Journal } from './journal.ts';
import { toRegExp, type Occasion } from './matches.ts';
import type { OutcomeOf } from './outcome.ts';

/** A fault with the fields it was set with, and how often it matched and fired. */
export type ListedFault = ReturnType<typeof listed>;

export type SetOutcome =
  { kind: 'set'; fault: ListedFault } | { kind: 'refused'; status: number; reason: string };

/** The faults that are set. */
export class Faults {
  readonly journal = new Journal();
  readonly held = new HeldCalls();
  readonly #actions: readonly string[];
  readonly #now: () => number;
  #rules: Rule[] = [];
  #named = 0;

  /** @param actions the served actions; a fault for any other would never fire and is refused */
  constructor(actions: readonly string[], now = Date.now) {
    this.#actions = actions;
    this.#now = now;
  }

  /** True if no fault is set, so that callers can skip describing an occasion. */
  get none(): boolean {
    return this.#rules.length === 0;
  }

  has(kind: FaultKind): boolean {
    return this.#rules.some(({ fault }) => fault.kind === kind);
  }

  set(input: unknown): SetOutcome {
    const parsed = parseFault(input);
    if ('wrong' in parsed) return { kind: 'refused', status: 400, reason: parsed.wrong };
    const { fault } = parsed;
    const unknown = 'action' in fault && fault.action.find((pattern) => !this.#serves(pattern));
    if (typeof unknown === 'string') {
      return { kind: 'refused', status: 400, reason: `no action that is served is ${unknown}` };
    }
    const id = fault.id ?? this.#freeId(fault.kind);
    if (this.#find(id) !== undefined) {
      return { kind: 'refused', status: 409, reason: `a fault ${id} is set already` };
    }
    const nowMs = this.#now();
    const rule = newRule(fault, { id, seed: fault.seed ?? randomInt(2 ** 32), nowMs });
    this.#rules.push(rule);
    return { kind: 'set', fault: listed(rule, nowMs) };
  }

  list(): ListedFault[] {
    const nowMs = this.#now();
    return this.#rules.map((rule) => listed(rule, nowMs));
  }

  /** Removes a fault and releases the calls it holds. @returns true if there was such a fault */
  clear(id: string): boolean {
    const before = this.#rules.length;
    this.#rules = this.#rules.filter((rule) => rule.id !== id);
    this.held.releaseAllOf(id);
    return this.#rules.length < before;
  }

  clearAll(): void {
    for (const { id } of this.#rules) this.clear(id);
  }

  /**
   * Yields the faults of these kinds that fire on an occasion, in the order they were set, with their ids. Faults after
   * the one at which the caller stops are not evaluated: of two errors, only one is sent and counted.
   * @param only the id of the only fault to evaluate
   */
  *fire<Kind extends FaultKind>(
    kinds: readonly Kind[],
    occasion: Occasion,
    only?: string,
  ): Generator<OutcomeOf<Kind> & { fault: string }> {
    for (const { id, fault } of this.#rules) {
      const rule = this.#find(id); // read again, because the caller may have waited since the last fault
      if (rule === undefined || !isOneOf(kinds, fault) || (only ?? id) !== id) continue;
      const nowMs = this.#now();
      const decided = decide(rule, occasion, nowMs);
      this.#rules = this.#rules.map((each) => (each.id === id ? decided.rule : each));
      const { outcome } = decided;
      if (outcome === null || !isOneOf(kinds, outcome)) continue;
      const at = new Date(nowMs).toISOString();
      this.journal.add({ at, fault: id, ...occasion, outcome });
      yield { ...outcome, fault: id };
    }
  }

  #find(id: string): Rule | undefined {
    return this.#rules.find((rule) => rule.id === id);
  }

  #serves(pattern: string): boolean {
    const expression = toRegExp(pattern);
    return this.#actions.some((action) => expression.test(action));
  }

  #freeId(kind: FaultKind): string {
    for (;;) {
      const id = `${kind}-${++this.#named}`;
      if (this.#find(id) === undefined) return id;
    }
  }
}

function isOneOf<Kind extends FaultKind, T extends { kind: FaultKind }>(
  kinds: readonly Kind[],
  value: T,
): value is T & { kind: Kind } {
  return (kinds as readonly FaultKind[]).includes(value.kind);
}

function listed(rule: Rule, nowMs: number) {
  const { id, fault, seed, setAtMs, matched, fired } = rule;
  const setAt = new Date(setAtMs).toISOString();
  return { ...fault, id, seed, setAt, state: stateOf(rule, nowMs), matched, fired };
}
