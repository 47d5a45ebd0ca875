import { seededRandom, type Random } from '@labelfleet/testkit/random';
import type { Role } from '../history/event.ts';
import { quotasFor } from './quotas.ts';
import { STEPS, type Step } from './steps.ts';

/** One fault of a process. */
export type Act =
  /** SIGKILL at any time. */
  | { kind: 'kill' }
  /** SIGKILL at a step; `late`: its call takes effect seconds after the kill. */
  | { kind: 'kill-at'; step: Step; late: boolean }
  /** One of its calls is held until others have taken over, and then takes effect. */
  | { kind: 'delay'; step: Step; forMs: number }
  /** SIGSTOP, and SIGCONT after others have taken over. */
  | { kind: 'stall'; forMs: number };

export interface Planned {
  /** Since the load began; an act that takes long delays the next one of its lane. */
  atMs: number;
  act: Act;
}

/** Acts on the processes of a role, one after the other. A role can have several lanes. */
export interface Lane {
  role: Role;
  planned: Planned[];
}

/** Each role's share of the kills, and its numbers of stalls and delayed calls in ten minutes. */
const SHARES = {
  worker: { kills: 0.6, stalls: 6, delays: 8 },
  gateway: { kills: 0.2, stalls: 3, delays: 0 },
  scaler: { kills: 0.2, stalls: 5, delays: 5 },
} as const;
/** Few, because nothing else works while the local cloud restarts. */
const CLOUD_KILLS = 8;
const EXTENSION_KILLS = 20;
const EXTENSION_KILL_EVERY_MS = 5000;
/** The plan exceeds the quotas by this factor. */
const SURPLUS = 1.15;

export interface Times {
  /** Longer than the visibility timeout. */
  workerSilentMs: number;
  /** Longer than the lease. */
  scalerSilentMs: number;
}

/** Gives the same plan for the same seed and duration. */
export function makePlan(seed: number, minutes: number, times: Times): Lane[] {
  const random = seededRandom(seed);
  const lane = (role: Role, acts: readonly Act[]): Lane => ({
    role,
    planned: spread(shuffled(acts, random), minutes, random),
  });
  const cloudKills = Math.max(1, Math.round((CLOUD_KILLS * minutes) / 10));
  return [
    ...(['worker', 'gateway', 'scaler'] as const).flatMap((role) => {
      const steps = STEPS.filter((step) => step.role === role);
      const usual = steps.filter(({ rare }) => !rare).flatMap((step) => killsAt(step, minutes));
      const rare = steps.filter((step) => step.rare).map((step) => killsAt(step, minutes));
      const kills = Math.ceil(quotasFor(minutes).kills * SHARES[role].kills * SURPLUS);
      const anywhere = Math.max(0, kills - usual.length - rare.flat().length);
      return [
        lane(role, [...usual, ...repeat(anywhere, () => KILL)]),
        lane(role, disturbances(role, minutes, times)),
        ...rare.map((acts) => lane(role, acts)),
      ];
    }),
    { role: 'worker', planned: killsOfExtension(minutes) },
    lane(
      'local-cloud',
      repeat(cloudKills, () => KILL),
    ),
  ];
}

const KILL: Act = { kind: 'kill' };

/** Workers are killed during an extension too, because launches bring about the missing faults. */
const killsOfExtension = (minutes: number): Planned[] =>
  repeat(EXTENSION_KILLS, (index) => ({
    atMs: minutes * 60_000 + (index + 1) * EXTENSION_KILL_EVERY_MS,
    act: KILL,
  }));

function killsAt(step: Step, minutes: number): Act[] {
  // Only a call to EC2 can take effect after its sender has died; others are lost with their connection.
  const mayBeLate = step.role === 'scaler' && step.when === 'before';
  return repeat(Math.ceil(quotasFor(minutes).killsAtStep * SURPLUS), (index) => ({
    kind: 'kill-at',
    step,
    late: mayBeLate && index % 2 === 1,
  }));
}

/** Stalls and delayed calls, longer than others wait before they take over from a living process. */
function disturbances(role: Step['role'], minutes: number, times: Times): Act[] {
  const { stalls, delays } = SHARES[role];
  const count = (inTenMinutes: number) => Math.round((inTenMinutes * minutes) / 10);
  const forMs = role === 'worker' ? times.workerSilentMs : times.scalerSilentMs;
  const steps = STEPS.filter((step) => step.role === role && step.when === 'before');
  return [
    ...repeat(count(stalls), (): Act => ({ kind: 'stall', forMs })),
    ...repeat(count(delays), (index) => steps[index % steps.length])
      .filter((step) => step !== undefined)
      .map((step): Act => ({ kind: 'delay', step, forMs })),
  ];
}

const repeat = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** Spreads acts over 95% of the load, each at a random time in its share; the end is left for late acts. */
function spread(acts: readonly Act[], minutes: number, random: Random): Planned[] {
  const slotMs = (minutes * 60_000 * 0.95) / acts.length;
  return acts.map((act, index) => ({
    atMs: Math.round(index * slotMs + random.below(Math.ceil(slotMs))),
    act,
  }));
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(random.below(left.length), 1));
}
