import type { Step } from './explore.ts';

interface State {
  /** The faults of each kind that are left. */
  faults: Readonly<Record<string, number>>;
}

/** The faults that bounds allow. */
export const faultsIn = <F extends string>(
  kinds: readonly F[],
  bounds: Partial<Record<F, number>>,
) => Object.fromEntries(kinds.map((kind) => [kind, bounds[kind] ?? 0])) as Record<F, number>;

/** The state with one fewer fault of this kind left; undefined if none is left. */
export function spend<S extends State>(state: S, kind: keyof S['faults'] & string): S | undefined {
  const left = state.faults[kind] ?? 0;
  return left === 0 ? undefined : { ...state, faults: { ...state.faults, [kind]: left - 1 } };
}

/** Collects the next steps from a state. */
export class Steps<S extends State> {
  readonly state: S;
  readonly list: Step<S>[];
  readonly #actor: string;

  constructor(state: S, list: Step<S>[] = [], actor = '') {
    this.state = state;
    this.list = list;
    this.#actor = actor;
  }

  /** For the steps of an actor, whose name begins their labels. */
  of(actor: string): Steps<S> {
    return new Steps(this.state, this.list, `${actor} `);
  }

  /** The same for another state, whose steps are collected here too. */
  from(state: S): Steps<S> {
    return new Steps(state, this.list, this.#actor);
  }

  add(label: string, to: S, fault = false): void {
    this.list.push({ label: this.#actor + label, to, fault });
  }

  /** Adds a step that spends a fault, if one of its kind is left. */
  fault(kind: keyof S['faults'] & string, label: string, to: (spent: S) => S): void {
    const spent = spend(this.state, kind);
    if (spent !== undefined) this.add(label, to(spent), true);
  }
}

/** The prefix with the smallest unused number. */
export function freeName(prefix: string, taken: (name: string) => boolean): string {
  let number = 1;
  while (taken(`${prefix}${number}`)) number += 1;
  return `${prefix}${number}`;
}
