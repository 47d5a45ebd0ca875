import type { Fleet, WorkerState } from '../network/api-types.ts';
import { dollars, duration, plural } from './numbers.ts';
import { bootAge } from './waiting-words.ts';

export const STATE_WORDS: Readonly<Record<WorkerState, string>> = {
  booting: 'starting',
  idle: 'idle',
  busy: 'busy',
  draining: 'draining',
  suspected: 'silent',
};

const STATES = Object.keys(STATE_WORDS) as WorkerState[];

/** The fleet in one line. */
export function fleetLine(fleet: Fleet | undefined, now: number): string {
  if (fleet === undefined) return 'No news from the scaler yet';
  const { workers, queue, cost } = fleet;
  const counts = STATES.filter((state) => workers[state] > 0).map(
    (state) => `${workers[state]} ${STATE_WORDS[state]}`,
  );
  const line = [
    counts.length === 0 ? 'no workers' : counts.join(', '),
    queue.backlog > 0 ? `${queue.backlog} waiting` : '',
    cost.perHourNow === null || counts.length === 0 ? '' : `${dollars(cost.perHourNow)} an hour`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
  return fleet.stale
    ? `Silent for ${duration(now - Date.parse(fleet.at))}, and before: ${line}`
    : line;
}

export interface Tile {
  id: string;
  state: WorkerState;
  words: string;
  /** The part of a usual boot that is over; undefined if the worker is up or boots are unknown. */
  boot: number | undefined;
}

/** One tile per instance, as it was when the fleet was last heard. The progress of a boot is measured on the time that 95 % of boots need. */
export const tiles = (fleet: Fleet, now: number): Tile[] =>
  fleet.instances.map(({ id, state, since, completed }) => {
    const age = Math.max((fleet.stale ? Date.parse(fleet.at) : now) - Date.parse(since), 0);
    if (state !== 'booting')
      return {
        id,
        state,
        words: `for ${duration(age)}, ${plural(completed, 'image')}`,
        boot: undefined,
      };
    const { bootSecondsP50: usual, bootSecondsP95: most } = fleet.learned;
    const boot = most === null || most === 0 ? undefined : Math.min(age / (1000 * most), 1);
    const longest = most !== null && age > 1000 * most;
    return {
      id,
      state,
      words: longest ? `${duration(age)}, longer than 95 % of boots` : bootAge(age, usual),
      boot,
    };
  });

export interface Sparkline {
  /** Points of a polyline in a box of 100 by 24. */
  points: string;
  text: string;
}

/** The backlog of the last minutes as a line, and in words. */
export function sparkline({ history, queue }: Fleet): Sparkline {
  const times = history.map(({ at }) => Date.parse(at));
  const [from = 0, to = 0] = [times[0], times.at(-1)];
  const most = Math.max(...history.map(({ backlog }) => backlog), queue.backlog, 0);
  const points = history.map(({ backlog }, index) => {
    const x = to === from ? 0 : (100 * ((times[index] ?? from) - from)) / (to - from);
    const y = most === 0 ? 23 : 23 - (22 * backlog) / most;
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const last = to === from ? '' : ` in the last ${duration(to - from)}`;
  return {
    points: points.join(' '),
    text: `${plural(queue.backlog, 'image')} waiting, at most ${most}${last}`,
  };
}

/** What the fleet costs. */
export function costWords({ cost }: Fleet): string {
  const { perHourNow, lastHour, perImage } = cost;
  return [
    perHourNow === null
      ? 'The price of these workers is not known'
      : `${dollars(perHourNow)} an hour now`,
    lastHour.total === null
      ? ''
      : `${dollars(lastHour.total)} in the last hour for ${plural(lastHour.images, 'image')}`,
    perImage === null ? '' : `${dollars(1000 * perImage)} per 1,000 images`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
