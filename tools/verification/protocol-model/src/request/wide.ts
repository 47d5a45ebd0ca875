import type { RequestBounds } from './state.ts';

const good = { image: 'good', gateways: 1, workers: 2, mostReceives: 6 } as const;

/** Wider bounds than the cases, for --long: seconds each. */
export const REQUEST_WIDE: readonly RequestBounds[] = [
  { ...good, faults: { kills: 2, lapses: 1, duplicates: 1 } },
  { ...good, faults: { kills: 3, repliesLost: 1, deadlines: 1, drainDeadlines: 1 } },
  { ...good, faults: { gatewayCrashes: 1, sendRepliesLost: 1, kills: 1 } },
  { ...good, gateways: 2, faults: { gatewayCrashes: 1 } },
  { ...good, image: 'deadly', mostReceives: 8, faults: { lapses: 1, duplicates: 1 } },
  { ...good, image: 'deadly', mostReceives: 8, faults: { purges: 2, earlySweeps: 1, lapses: 1 } },
  { ...good, faults: { purges: 2, earlySweeps: 1, kills: 1, deadlines: 1 } },
  { ...good, gateways: 2, faults: { purges: 1 } },
  { ...good, mostReceives: 2, faults: { releases: 3, watchCrashes: 1, kills: 1 } },
  { ...good, faults: { kills: 1, lapses: 2, lateExtensions: 1, lateReleases: 1, lateDeletes: 1 } },
  {
    ...good,
    image: 'deadly',
    mostReceives: 8,
    faults: { lapses: 1, lateExtensions: 2, lateReleases: 1, duplicates: 1 },
  },
];
