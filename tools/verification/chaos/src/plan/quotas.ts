import type { EventOf, HistoryEvent, Role } from '../history/event.ts';
import { countPoisonous } from './poison.ts';
import { STEPS } from './steps.ts';

/** What a run has to have done to prove anything. */
export interface Quotas {
  kills: number;
  /** At each step, of a process that held something. */
  killsAtStep: number;
  /** Of each kind; of those that only launches meet, a quarter. */
  faults: number;
  /** Images that killed a worker with every attempt they had, which takes about a minute each. */
  poisonous: number;
}

/** The full size is ten minutes; a shorter run has to do less, in proportion. */
export const quotasFor = (minutes: number): Quotas => {
  const share = Math.min(1, minutes / 10);
  return {
    kills: Math.ceil(200 * share),
    killsAtStep: Math.ceil(5 * share),
    faults: Math.ceil(20 * share),
    poisonous: Math.floor(4 * share),
  };
};

/** The kinds of faults, as a history's reader knows them, by what the local cloud calls them. */
export const FAULT_KINDS: Readonly<Record<string, string>> = {
  'cut call': 'cut-connection',
  'slow call': 'latency',
  'duplicate delivery': 'duplicate-delivery',
  'lost reply': 'lost-reply',
  'no capacity': 'capacity',
  throttling: 'throttle',
  'launch refused': 'error',
  'failed boot': 'boot-failure',
};

/** The kinds that only launches meet, of which there are a few hundred at most. */
const OF_LAUNCHES: ReadonlySet<string> = new Set(['launch refused', 'failed boot']);

/** What a run has done. */
export interface Done {
  killsByRole: Record<Role, number>;
  kills: number;
  /** By the step's name: kills of a process that held something there. */
  atStep: Record<string, number>;
  /** By the kind's name. */
  faults: Record<string, number>;
  poisonous: number;
}

export function countDone(events: readonly HistoryEvent[]): Done {
  const kills = events.filter((event): event is EventOf<'killed'> => event.kind === 'killed');
  const faults = events.filter((event): event is EventOf<'fault'> => event.kind === 'fault');
  const of = (role: Role) => kills.filter((kill) => kill.role === role).length;
  return {
    killsByRole: {
      gateway: of('gateway'),
      worker: of('worker'),
      scaler: of('scaler'),
      'local-cloud': of('local-cloud'),
    },
    kills: kills.length,
    poisonous: countPoisonous(kills),
    atStep: Object.fromEntries(
      STEPS.map(({ name }) => [
        name,
        kills.filter(({ step, holding }) => step === name && holding.length > 0).length,
      ]),
    ),
    faults: Object.fromEntries(
      Object.entries(FAULT_KINDS).map(([name, kind]) => [
        name,
        faults.filter(({ fault }) => fault === kind).length,
      ]),
    ),
  };
}

/** What is missing, a line each; empty: the run counts. */
export function unmet({ kills, atStep, faults, poisonous }: Done, quotas: Quotas): string[] {
  const short = (what: string, count: number, least: number) =>
    count < least ? [`${what}: ${count}, and should be ${least}`] : [];
  return [
    ...short('kills', kills, quotas.kills),
    ...Object.entries(atStep).flatMap(([name, count]) =>
      short(`kills ${name}`, count, quotas.killsAtStep),
    ),
    ...short('poison images used up', poisonous, quotas.poisonous),
    ...Object.entries(faults).flatMap(([name, count]) =>
      short(name, count, OF_LAUNCHES.has(name) ? Math.ceil(quotas.faults / 4) : quotas.faults),
    ),
  ];
}
