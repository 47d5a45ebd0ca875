import type { Rival, RivalView, RivalWorker } from '../policies/rivals/rival.ts';
import type { WorldChanges } from '../world-settings.ts';
import { plainWorld } from './a-workload.ts';

interface ViewChanges {
  at?: number;
  visible?: number;
  inFlight?: number;
  sent?: number;
  /** A number of busy workers, or a list of workers. */
  workers?: number | readonly RivalWorker[];
}

export const aRivalWorker = (changes: Partial<RivalWorker> = {}): RivalWorker => ({
  launchedAt: 0,
  up: true,
  busy: true,
  idleSeconds: 0,
  ...changes,
});

const aView = ({
  at = 0,
  visible = 0,
  inFlight = 0,
  sent = 0,
  workers = 0,
}: ViewChanges): RivalView => ({
  nowSeconds: at,
  queue: { visible, inFlight, sent },
  workers:
    typeof workers === 'number' ? Array.from({ length: workers }, () => aRivalWorker()) : workers,
});

/** What a rival wants for a view at its first look. */
export const wantedFor = (rival: Rival, view: ViewChanges): number =>
  rival.start(plainWorld(), 1)(aView(view));

/** Runs a rival to below `until` with the fleet that it wanted last. @returns the wanted sizes by time */
export function ask(
  rival: Rival,
  until: number,
  viewAt: (at: number, fleet: number) => ViewChanges,
  { world = {}, imageSeconds = 1 }: { world?: WorldChanges; imageSeconds?: number } = {},
): Map<number, number> {
  const run = rival.start(plainWorld(world), imageSeconds);
  const wanted = new Map<number, number>();
  let fleet = 0;
  for (let at = 0; at < until; at += rival.everySeconds) {
    fleet = run(aView({ workers: fleet, ...viewAt(at, fleet), at }));
    wanted.set(at, fleet);
  }
  return wanted;
}
