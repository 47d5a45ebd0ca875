import { eventsOf, type HistoryEvent, type Role } from '../history/event.ts';
import { countPoisonous } from './poison.ts';
import { countTraffic, TRAFFIC } from './traffic.ts';
import { STEPS } from './steps.ts';

/** The faults that a run must reach to count as a proof. */
export interface Quotas {
  kills: number;
  /** Kills at each step, of a process that held a request or an instance. */
  killsAtStep: number;
  /** Faults of each kind; a quarter for the kinds that only launches meet. */
  faults: number;
  /** Images that killed a worker with each of their attempts; each takes about a minute. */
  poisonous: number;
  /** By the name of the kind. */
  traffic: Record<string, number>;
}

/** A run of less than ten minutes has proportionally lower quotas. */
export const quotasFor = (minutes: number): Quotas => {
  const share = Math.min(1, minutes / 10);
  return {
    kills: Math.ceil(200 * share),
    killsAtStep: Math.ceil(5 * share),
    faults: Math.ceil(20 * share),
    poisonous: Math.floor(4 * share),
    traffic: Object.fromEntries(
      Object.entries(TRAFFIC).map(([name, { inTenMinutes }]) => [
        name,
        Math.ceil(inTenMinutes * share),
      ]),
    ),
  };
};

/** The local cloud's kinds of faults by the names that reports use. */
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

/** The kinds that only launches meet; a run has a few hundred launches at most. */
const OF_LAUNCHES: ReadonlySet<string> = new Set(['launch refused', 'failed boot']);

/** The faults that a run reached. */
export interface Done {
  killsByRole: Record<Role, number>;
  kills: number;
  /** Kills of a process that held a request or an instance, by the name of the step. */
  atStep: Record<string, number>;
  /** By the name of the kind. */
  faults: Record<string, number>;
  poisonous: number;
  /** By the name of the kind. */
  traffic: Record<string, number>;
}

export function countDone(events: readonly HistoryEvent[]): Done {
  const kills = eventsOf('killed', events);
  const outages = eventsOf('phase', events).find(({ name }) => name === 'outages');
  // Those of the outages are not planned at random, and would hide that others are missing.
  const faults = eventsOf('fault', events).filter(({ at }) => at < (outages?.at ?? Infinity));
  const of = (role: Role) => kills.filter((kill) => kill.role === role).length;
  const atStep = STEPS.map(({ name }) => {
    const held = kills.filter(({ step, holding }) => step === name && holding.length > 0);
    return [name, held.length] as const;
  });
  const ofKind = Object.entries(FAULT_KINDS).map(
    ([name, kind]) => [name, faults.filter(({ fault }) => fault === kind).length] as const,
  );
  return {
    killsByRole: {
      gateway: of('gateway'),
      worker: of('worker'),
      scaler: of('scaler'),
      'local-cloud': of('local-cloud'),
    },
    kills: kills.length,
    poisonous: countPoisonous(kills),
    atStep: Object.fromEntries(atStep),
    faults: Object.fromEntries(ofKind),
    traffic: countTraffic(events),
  };
}

/** The quotas that were not reached, one a line. */
export function unmet(
  { kills, atStep, faults, poisonous, traffic }: Done,
  quotas: Quotas,
): string[] {
  const short = (what: string, count: number, least: number) =>
    count < least ? [`${what}: ${count} of ${least}`] : [];
  return [
    ...short('kills', kills, quotas.kills),
    ...Object.entries(atStep).flatMap(([name, count]) =>
      short(`kills ${name}`, count, quotas.killsAtStep),
    ),
    ...Object.entries(quotas.traffic).flatMap(([name, least]) =>
      short(name, traffic[name] ?? 0, least),
    ),
    ...short('exhausted poison images', poisonous, quotas.poisonous),
    ...Object.entries(faults).flatMap(([name, count]) =>
      short(name, count, OF_LAUNCHES.has(name) ? Math.ceil(quotas.faults / 4) : quotas.faults),
    ),
  ];
}
