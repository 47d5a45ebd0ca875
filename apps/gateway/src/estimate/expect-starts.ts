import type { FleetSnapshot } from '@labelfleet/contracts';

/** From the arrival of a request to the launch it causes: the scaler ticks every 2 s. */
const LAUNCH_WITHIN_MS = 3_000;

/** Seconds from the snapshot until each worker is up, soonest first. */
interface ExpectedStarts {
  /** Boots take as long as half of the last ones did, and workers that are wanted are launched. */
  early: number[];
  /** Boots take as long as 95 % of the last ones did; no others are launched. Infinity: nobody can say. */
  late: number[];
}

/**
 * When the workers will be up that are up, booting or about to be launched.
 * @param submittedMs, now Unix milliseconds
 */
export function expectStarts(
  snapshot: FleetSnapshot,
  submittedMs: number,
  now: number,
): ExpectedStarts {
  const { workers, learned, decision, failedBoots } = snapshot;
  const atMs = Date.parse(snapshot.at);
  const up = Array.from({ length: workers.idle + workers.busy }, () => 0);
  const launches = bootingSince(snapshot);
  const missing = Math.max(0, decision.desired - up.length - launches.length);
  // A request that came after the snapshot, or found no worker, makes the scaler launch one.
  const first = up.length + launches.length === 0;
  const earliestLaunchMs = Math.max(
    atMs,
    submittedMs,
    Date.parse(failedBoots?.nextLaunchAt ?? snapshot.at),
  );
  const coming = Array.from({ length: first ? Math.max(1, missing) : missing });
  const { bootSecondsP50: p50, bootSecondsP95: p95 } = learned;
  const secondsTo = (ms: number) => Math.max(0, ms - atMs) / 1000;
  // A boot that takes longer than usual may end any moment.
  const readyEarly = (launchMs: number) => secondsTo(Math.max(launchMs + 1000 * (p50 ?? 0), now));
  const readyLate = (launchMs: number) => {
    if (p95 === null || failedBoots !== undefined) return Infinity;
    const readyMs = launchMs + 1000 * p95;
    return readyMs < now ? Infinity : secondsTo(readyMs);
  };
  return {
    early: [
      ...up,
      ...launches.map(readyEarly),
      ...coming.map(() => readyEarly(earliestLaunchMs)),
    ].sort(ascending),
    late: [
      ...up,
      ...launches.map(readyLate),
      ...(first ? [readyLate(earliestLaunchMs + LAUNCH_WITHIN_MS)] : []),
    ].sort(ascending),
  };
}

/** When each booting instance was launched, in Unix milliseconds; those that EC2 does not list yet, now. */
export function bootingSince({
  at,
  workers,
  instances,
}: Pick<FleetSnapshot, 'at' | 'workers' | 'instances'>): number[] {
  const listed = instances
    .filter(({ state }) => state === 'booting')
    .map(({ launchedAt, since }) => Date.parse(launchedAt ?? since));
  const unlisted = Math.max(0, workers.booting - listed.length);
  return [...listed, ...Array.from({ length: unlisted }, () => Date.parse(at))].sort(ascending);
}

const ascending = (a: number, b: number) => a - b;
