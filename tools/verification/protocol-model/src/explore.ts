/** One thing that may happen next. */
export interface Step<S> {
  label: string;
  to: S;
  /** A fault, or help from outside: a promise must be kept without it. */
  fault?: boolean;
}

/** What can be explored. States are values: a step makes a new one. */
export interface Model<S> {
  initial: S;
  next(state: S): Step<S>[];
  /** Equal for equal states only. */
  key(state: S): string;
  /** What must never be, in words; undefined where all is well. */
  broken(state: S): string | undefined;
  /** What is owed in a state must be reachable from there, whatever happened before, by steps that are no faults. */
  promise: { name: string; owed(state: S): boolean; kept(state: S): boolean };
}

export interface Exploration {
  states: number;
  /** Steps of the longest shortest way to a state. */
  depth: number;
  /** False: it stopped at a violation or at the bound, and there are states it has not seen. */
  complete: boolean;
  violation: Violation | undefined;
}

interface Violation {
  what: string;
  /** The labels of a shortest way there. */
  trace: readonly string[];
}

/** Looks at every state that can be reached, nearest first, and ends at the first violation. */
export function explore<S>(model: Model<S>, mostStates = Infinity): Exploration {
  const { promise } = model;
  const found = new Map([[model.key(model.initial), 0]]);
  const from = [-1];
  const labels = [''];
  const depths = [0];
  const owed: number[] = [];
  const kept: number[] = [];
  /** Per state, who leads to it without a fault. */
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
  // A set hands out what is added while it is walked.
  for (const state of leading) {
    for (const earlier of before[state] ?? []) leading.add(earlier);
  }
  return leading;
}
