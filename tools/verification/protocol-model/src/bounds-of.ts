/** The bounds of all cases, each once: several rules are there for the same. */
export function boundsOf<B>(cases: Readonly<Record<string, { bounds: B }>>): B[] {
  const all = new Map(Object.values(cases).map(({ bounds }) => [JSON.stringify(bounds), bounds]));
  return [...all.values()];
}
