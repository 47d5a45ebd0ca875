/** The distinct bounds of all cases; several rules share some. */
export function boundsOf<B>(cases: Readonly<Record<string, { bounds: B }>>): B[] {
  const all = new Map(Object.values(cases).map(({ bounds }) => [JSON.stringify(bounds), bounds]));
  return [...all.values()];
}
