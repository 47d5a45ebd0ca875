import type { RivalRun, RivalView, RivalWorker } from '../policies/rivals/rival.ts';
import type { WorldChanges } from '../world-settings.ts';
import { plainWorld } from './a-workload.ts';

interface ViewChanges {
  at?: number;
  visible?: number;
  inFlight?: number;
  sent?: number;
  /** A number of busy workers, or a list of workers. */
  workers?: number | readonly RivalWorker[];
  world?: WorldChanges;
}

export const aRivalWorker = (changes: Partial<RivalWorker> = {}): RivalWorker => ({
  launchedAt: 0,
  up: true,
  busy: true,
  idleSeconds: 0,
  ...changes,
});

export const aView = ({
  at = 0,
  visible = 0,
  inFlight = 0,
  sent = 0,
  workers = 0,
  world = {},
}: ViewChanges): RivalView => ({
  nowSeconds: at,
  queue: { visible, inFlight, sent },
  workers:
    typeof workers === 'number' ? Array.from({ length: workers }, () => aRivalWorker()) : workers,
  settings: plainWorld(world),
});

/** Runs a rival from `from` to below `until` with the fleet that it wanted last. @returns the wanted sizes by time */
export function ask(
  run: RivalRun,
  until: number,
  viewAt: (at: number, fleet: number) => ViewChanges,
  from = 0,
): Map<number, number> {
  const wanted = new Map<number, number>();
  let fleet = 0;
  for (let at = from; at < until; at += run.everySeconds) {
    fleet = run.wanted(aView({ workers: fleet, ...viewAt(at, fleet), at }));
    wanted.set(at, fleet);
  }
  return wanted;
}
