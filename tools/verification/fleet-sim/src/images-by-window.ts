import type { Numbers } from './types.ts';

/** Service levels apply to a whole run or to every hour of it. */
export const HOUR_SECONDS = 3600;

/** Indices of consecutive images, from `first` to below `end`. */
export interface ImageRange {
  first: number;
  end: number;
}

/**
 * The images that arrive in each window of a run, up to the window of the last image. A window includes its
 * start and excludes its end.
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
