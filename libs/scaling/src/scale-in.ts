import type { FleetView, Worker } from './observation.ts';

/**
 * How long an idle heartbeat is valid: three heartbeats of 3 s plus 1 s. A worker that has been silent for longer
 * counts as busy (F7).
 */
const IDLE_REPORT_LIFETIME_MS = 10_000;

export interface ReleaseRule {
  /** Idle for at least this long, by polls that returned empty. */
  idleSeconds: number;
  /**
   * True if a worker without an image in flight at its last heartbeat may be released, if no worker has been idle
   * for longer.
   */
  betweenImages?: boolean;
  /** A boot younger than this may be drained: it drains as soon as it is up, before it takes any image. */
  bootsBelowSeconds?: number;
}

type IdleWorker = Extract<Worker, { state: 'idle' }>;

/**
 * The workers that may be drained, in order: boots, youngest first, if the rule allows it; then workers that were
 * idle in a recent heartbeat. Of these, workers with another model than the worker launched last come first, then
 * the longest idle.
 */
export function releasable(fleet: FleetView, rule: ReleaseRule, now: number): string[] {
  const youngMs = 1000 * (rule.bootsBelowSeconds ?? 0);
  const boots = fleet.workers.filter(
    ({ state, launchedAtMs }) => state === 'booting' && now - launchedAtMs < youngMs,
  );
  const byYouth = boots.sort((a, b) => b.launchedAtMs - a.launchedAtMs || (a.id < b.id ? -1 : 1));
  return [...byYouth.map(({ id }) => id), ...releasableIdle(fleet, rule, now)];
}

function releasableIdle(fleet: FleetView, rule: ReleaseRule, now: number): string[] {
  const newest = newestModel(fleet);
  const outdated = ({ model }: Worker) => model !== undefined && model !== newest;
  return fleet.workers
    .filter((worker): worker is IdleWorker => worker.state === 'idle')
    .filter(({ reportedAtMs }) => now - reportedAtMs <= IDLE_REPORT_LIFETIME_MS)
    .filter(({ idleSeconds }) =>
      idleSeconds === 0 ? rule.betweenImages === true : idleSeconds >= rule.idleSeconds,
    )
    .sort(
      (a, b) =>
        Number(outdated(b)) - Number(outdated(a)) ||
        b.idleSeconds - a.idleSeconds ||
        (a.id < b.id ? -1 : 1),
    )
    .map(({ id }) => id);
}

function newestModel({ workers }: FleetView): string | undefined {
  return workers
    .filter(({ model }) => model !== undefined)
    .reduce<Worker | undefined>(
      (newest, worker) =>
        newest === undefined || worker.launchedAtMs > newest.launchedAtMs ? worker : newest,
      undefined,
    )?.model;
}
