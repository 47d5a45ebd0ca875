import type { Numbers } from './types.ts';

/** The percentile by nearest rank; 0 for an empty list. @param sorted ascending @param share from 0 to 1 */
export const nearestRank = (sorted: Numbers, share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;

/** The same of values in any order. */
export const rankOf = (values: readonly number[], share: number): number =>
  nearestRank(
    values.toSorted((a, b) => a - b),
    share,
  );

/** 0 for an empty list. */
export const mean = (list: Numbers): number => (list.length === 0 ? 0 : sumOf(list) / list.length);

export function sumOf(list: Numbers): number {
  let sum = 0;
  for (let index = 0; index < list.length; index++) sum += list[index] ?? 0;
  return sum;
}
