import type { Numbers } from './types.ts';

/** The value that this share of them does not exceed, by nearest rank; 0 where there are none. @param sorted ascending */
export const nearestRank = (sorted: Numbers, share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;

/** 0 where there are none. */
export const mean = (list: Numbers): number => (list.length === 0 ? 0 : sumOf(list) / list.length);

export function sumOf(list: Numbers): number {
  let sum = 0;
  for (let index = 0; index < list.length; index++) sum += list[index] ?? 0;
  return sum;
}
