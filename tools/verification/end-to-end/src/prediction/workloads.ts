/** The times of offers and the end of the window, in seconds since the start. */
export interface RealWorkload {
  name: string;
  offers: readonly number[];
  windowSeconds: number;
}

/** Service seconds of an image, long enough that the other work of the two cores is negligible. */
export const SERVICE_SECONDS = 0.2;

/**
 * Both need two workers of one thread each. A worker that is no longer needed is terminated when it is 60 s old; the
 * windows are long enough to show that it is, or that it is kept.
 */
export const WORKLOADS: readonly RealWorkload[] = [
  { name: 'burst of 80', offers: Array.from({ length: 80 }, () => 0), windowSeconds: 85 },
  {
    name: '18 a second for 5 s, twice',
    offers: [...steadily(0, 5, 18), ...steadily(80, 85, 18)],
    windowSeconds: 165,
  },
];

function steadily(from: number, to: number, perSecond: number): number[] {
  return Array.from({ length: (to - from) * perSecond }, (_, index) => from + index / perSecond);
}
