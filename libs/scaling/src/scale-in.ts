import type { FleetView, Worker } from './observation.ts';

/**
 * How long an idle report is believed: three heartbeats of 3 s and a little. A worker that has been silent
 * for longer counts as busy (F7).
 */
const IDLE_REPORT_LIFETIME_MS = 10_000;

type IdleWorker = Extract<Worker, { state: 'idle' }>;

/**
 * Who is told to drain when there are too many: workers that are idle by a fresh report, for long enough and
 * for at least one poll (`idleSeconds` stays 0 until one came back empty), the longest idle first.
 */
export function release(
  fleet: FleetView,
  surplus: number,
  idleBeforeReleaseSeconds: number,
  now: number,
): string[] {
  return fleet.workers
    .filter((worker): worker is IdleWorker => worker.state === 'idle')
    .filter(({ reportedAtMs }) => now - reportedAtMs <= IDLE_REPORT_LIFETIME_MS)
    .filter(({ idleSeconds }) => idleSeconds > 0 && idleSeconds >= idleBeforeReleaseSeconds)
    .sort((a, b) => b.idleSeconds - a.idleSeconds || (a.id < b.id ? -1 : 1))
    .slice(0, Math.max(0, surplus))
    .map(({ id }) => id);
}
