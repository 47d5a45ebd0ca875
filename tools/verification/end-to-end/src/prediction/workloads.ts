/** When images are offered, in seconds since the beginning, and until when the run is looked at. */
export interface RealWorkload {
  name: string;
  offers: readonly number[];
  windowSeconds: number;
}

/** So long an image should take, so that what else the two cores have to do is little beside it. */
export const SERVICE_SECONDS = 0.2;

/**
 * Both are for two workers of one thread each, and more than one of them can do in time. A worker that is not
 * needed any more goes when it is 60 s old: the windows are long enough to see that, or that it is kept.
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
