import type { RivalRun, RivalView, RivalWorker } from '../policies/rivals/rival.ts';
import type { WorldChanges } from '../world-settings.ts';
import { plainWorld } from './a-workload.ts';

interface Sight {
  at?: number;
  visible?: number;
  inFlight?: number;
  sent?: number;
  /** Workers that are up and busy, unless given one by one. */
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
}: Sight): RivalView => ({
  nowSeconds: at,
  queue: { visible, inFlight, sent },
  workers:
    typeof workers === 'number' ? Array.from({ length: workers }, () => aRivalWorker()) : workers,
  settings: plainWorld(world),
});

/** Asks a rival at each of its times from 0 up to, but not including, `until`, with the fleet it wanted. */
export function ask(
  run: RivalRun,
  until: number,
  sightAt: (at: number, fleet: number) => Sight,
  from = 0,
): Map<number, number> {
  const wanted = new Map<number, number>();
  let fleet = 0;
  for (let at = from; at < until; at += run.everySeconds) {
    fleet = run.wanted(aView({ workers: fleet, ...sightAt(at, fleet), at }));
    wanted.set(at, fleet);
  }
  return wanted;
}
