import { percentile } from '@labelfleet/loadgen/summary';

/** What one run measured, by name. Names with a second part are of one role or one kind of call. */
export type Figures = Record<string, number>;

export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function latencyFigures(latenciesMs: readonly number[]): Figures {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return {
    p50Ms: percentile(sorted, 50),
    p95Ms: percentile(sorted, 95),
    p99Ms: percentile(sorted, 99),
  };
}
