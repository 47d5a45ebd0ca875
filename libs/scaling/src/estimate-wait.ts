import { expectBoot } from './boots.ts';
import { finishWork } from './finish-work.ts';
import { bootSeconds, serviceSeconds, type Learned } from './learned.ts';
import { openImages, type Backlog, type FleetView } from './observation.ts';

/** A boot that takes longer than usual is expected to end this much later. */
const OVERDUE_BOOT_SECONDS = 5;

/**
 * Estimates how long an image that arrives now waits for its result, in seconds: until the workers that are up, and
 * the booting ones once they are up, have processed the images before it. Null if unknown: before the first image
 * was measured, or if no worker is up and no boot was measured.
 * @param desired workers wanted; those that are not live yet are assumed to be launched now
 * @param now milliseconds since the epoch
 */
export function estimateWaitSeconds(
  backlog: Backlog,
  fleet: FleetView,
  desired: number,
  learned: Learned,
  now: number,
): number | null {
  const service = serviceSeconds(learned);
  if (service === null) return null;
  const startTimes = upTimes(fleet, desired, learned, now);
  return finishWork(openImages(backlog, fleet) * service, service, startTimes);
}

/**
 * Seconds from now until each worker is up, soonest first. Boots of unknown length and overdue boots are left out.
 */
function upTimes(fleet: FleetView, desired: number, learned: Learned, now: number): number[] {
  const boot = bootSeconds(learned, 0.5);
  const overdue = boot === null ? 0 : expectBoot(learned).overdue;
  const up = fleet.workers.filter(({ state }) => state === 'idle' || state === 'busy');
  const booting = fleet.workers.filter(
    ({ state, launchedAtMs }) => state === 'booting' && now - launchedAtMs < 1000 * overdue,
  );
  const known = up.length + booting.length;
  const coming = Math.max(fleet.openLaunches, desired - known, known === 0 ? 1 : 0);
  const ages = [
    ...booting.map(({ launchedAtMs }) => (now - launchedAtMs) / 1000),
    ...Array.from({ length: coming }, () => 0),
  ];
  const waits =
    boot === null ? [] : ages.map((age) => (age < boot ? boot - age : OVERDUE_BOOT_SECONDS));
  return [...up.map(() => 0), ...waits].sort((a, b) => a - b);
}
