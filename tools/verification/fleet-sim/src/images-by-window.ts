import type { Numbers } from './types.ts';

/** A service level may be kept over a whole run, or in every hour of it. */
export const HOUR_SECONDS = 3600;

/** Images that arrive one after the other: from `first` up to, but not including, `end`. */
export interface ImageRange {
  first: number;
  end: number;
}

/**
 * The images that arrive in each window of a run, up to the window of the last one. Windows count from the
 * beginning of the run; who arrives as one begins is of it.
 * @param arrivals in ascending order
 */
export function imagesByWindow(arrivals: Numbers, windowSeconds: number): ImageRange[] {
  const ranges: ImageRange[] = [];
  let end = 0;
  while (end < arrivals.length) {
    const first = end;
    const endsAt = (ranges.length + 1) * windowSeconds;
    while ((arrivals[end] ?? Infinity) < endsAt) end++;
    ranges.push({ first, end });
  }
  return ranges;
}
