import type { Sample } from '../../types.ts';

/** Reduces a series to columns, each with the highest values of its time. */
export function thinOut(
  series: readonly Sample[],
  lengthSeconds: number,
  columns: number,
): Sample[] {
  const widths = lengthSeconds / columns;
  const highest = new Map<number, Sample>();
  for (const sample of series) {
    const column = Math.min(columns - 1, Math.floor(sample.atSeconds / widths));
    const before = highest.get(column);
    highest.set(column, {
      atSeconds: column * widths,
      fleet: Math.max(sample.fleet, before?.fleet ?? 0),
      booting: Math.max(sample.booting, before?.booting ?? 0),
      backlog: Math.max(sample.backlog, before?.backlog ?? 0),
    });
  }
  return [...highest.values()];
}
