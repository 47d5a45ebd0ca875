/** For each rule: bounds in which its omission causes a violation, and that violation. */
export type Cases<Rule extends string, Bounds> = Readonly<
  Record<Rule, { bounds: Bounds; breaks: RegExp }>
>;

/** The distinct bounds of all cases; several rules share some. */
export function boundsOf<Bounds>(cases: Cases<string, Bounds>): Bounds[] {
  const all = new Map(Object.values(cases).map(({ bounds }) => [JSON.stringify(bounds), bounds]));
  return [...all.values()];
}
