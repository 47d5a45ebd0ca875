/** A possible transition. */
export interface Step<S> {
  label: string;
  to: S;
  /** True for a fault or an outside intervention, which promises may not rely on. */
  fault?: boolean;
}

/** A model. States are immutable: a step makes a new one. */
export interface Model<S> {
  initial: S;
  next(state: S): Step<S>[];
  /** Keys are equal if and only if the states are. */
  key(state: S): string;
  /** A violated invariant in words, or undefined. */
  broken(state: S): string | undefined;
  /** From every state in which a promise is open, its goal must be reachable by steps that are no faults. */
  promise: { name: string; owed(state: S): boolean; kept(state: S): boolean };
}

export interface Exploration {
  states: number;
  /** The largest distance of a state. */
  depth: number;
  /** False: it stopped at a violation or at the bound of states before it had visited all. */
  complete: boolean;
  violation: Violation | undefined;
}

interface Violation {
  what: string;
  /** The labels of a shortest path. */
  trace: readonly string[];
}

/** Visits all reachable states in breadth-first order and stops at the first violation. */
export function explore<S>(model: Model<S>, mostStates = Infinity): Exploration {
  const { promise } = model;
  const found = new Map([[model.key(model.initial), 0]]);
  const from = [-1];
  const labels = [''];
  const depths = [0];
  const owed: number[] = [];
  const kept: number[] = [];
  /** The predecessors of each state by steps that are no faults. */
  const before: number[][] = [[]];
  let frontier = [model.initial];
  let at = 0;
  const result = (complete: boolean, violation?: Violation): Exploration => ({
    states: found.size,
    depth: depths.at(-1) ?? 0,
    complete,
    violation,
  });
  while (frontier.length > 0) {
    const reached: S[] = [];
    for (const state of frontier) {
      const what = model.broken(state);
      if (what !== undefined) return result(false, { what, trace: traceTo(at, from, labels) });
      if (promise.owed(state)) owed.push(at);
      if (promise.kept(state)) kept.push(at);
      for (const { label, to, fault } of model.next(state)) {
        const key = model.key(to);
        let index = found.get(key);
        if (index === undefined) {
          index = found.size;
          found.set(key, index);
          from.push(at);
          labels.push(label);
          depths.push((depths[at] ?? 0) + 1);
          before.push([]);
          reached.push(to);
        }
        if (fault !== true) before[index]?.push(at);
      }
      if (found.size > mostStates) return result(false);
      at += 1;
    }
    frontier = reached;
  }
  const keepable = leadingTo(kept, before);
  const stuck = owed.find((state) => !keepable.has(state));
  if (stuck === undefined) return result(true);
  return result(true, {
    what: `never again: ${promise.name}`,
    trace: traceTo(stuck, from, labels),
  });
}

function traceTo(state: number, from: readonly number[], labels: readonly string[]): string[] {
  const trace: string[] = [];
  for (let at = state; at > 0; at = from[at] ?? -1) trace.push(labels[at] ?? '');
  return trace.reverse();
}

function leadingTo(goals: readonly number[], before: readonly (readonly number[])[]): Set<number> {
  const leading = new Set(goals);
  // Iteration over a set includes elements that are added during it.
  for (const state of leading) {
    for (const earlier of before[state] ?? []) leading.add(earlier);
  }
  return leading;
}
