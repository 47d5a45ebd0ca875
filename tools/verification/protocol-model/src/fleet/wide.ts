import type { FleetBounds } from './state.ts';

const launching = { maxWorkers: 1, firstImages: 1 } as const;
const idle = { maxWorkers: 1, firstImages: 0, firstWorkers: 1 } as const;

/** Wider bounds than the cases, for --long: seconds to minutes each. */
export const FLEET_WIDE: readonly FleetBounds[] = [
  { ...launching, scalers: 1, minutesPass: true, faults: { crashes: 2, images: 1, refusals: 1 } },
  { ...launching, scalers: 1, minutesPass: true, faults: { timeouts: 2, refusals: 1, crashes: 1 } },
  { ...launching, scalers: 2, minutesPass: true, faults: { stops: 2, refusals: 1 } },
  {
    ...launching,
    scalers: 1,
    minutesPass: true,
    faults: { crashes: 2, throttles: 2, timeouts: 1 },
  },
  { ...launching, scalers: 1, minutesPass: true, faults: { crashes: 3, throttles: 1 } },
  { ...launching, scalers: 2, lateToNotice: true, faults: { stops: 1, images: 1, writesLost: 1 } },
  { ...launching, scalers: 2, minutesPass: true, lateToNotice: true, faults: { stops: 1 } },
  { ...idle, scalers: 2, faults: { stops: 1, images: 2 } },
  { ...idle, scalers: 2, faults: { stops: 2, images: 1 } },
  { ...idle, scalers: 2, faults: { stops: 1, crashes: 1, images: 1, lateReports: 1 } },
  { ...idle, scalers: 1, faults: { images: 2, lateReports: 2, crashes: 1, misreadDepths: 1 } },
  { ...idle, scalers: 1, faults: { images: 1, hungWorkers: 1, deafScalers: 1, crashes: 1 } },
  { ...idle, scalers: 1, faults: { images: 1, blindWorkers: 1, lostWorkers: 1, crashes: 1 } },
  { scalers: 1, maxWorkers: 2, firstImages: 2, faults: { crashes: 1, partialLaunches: 1 } },
  { scalers: 2, maxWorkers: 2, firstImages: 2, faults: { stops: 1 } },
  { scalers: 1, maxWorkers: 2, firstImages: 0, firstWorkers: 2, faults: { images: 1, crashes: 1 } },
  { ...launching, scalers: 1, releasesBoots: true, faults: { misreadDepths: 2, crashes: 2 } },
  { scalers: 1, maxWorkers: 2, firstImages: 1, releasesBoots: true, faults: { misreadDepths: 1 } },
];
