import { seededRandom, type Random } from '@labelfleet/testkit/random';
import type { Role } from '../history/event.ts';
import { quotasFor } from './quotas.ts';
import { STEPS, type Step } from './steps.ts';

/** One thing that is done to a process. */
export type Act =
  /** SIGKILL, whatever it is doing. */
  | { kind: 'kill' }
  /** SIGKILL at a step; `late`: the call that it was making takes effect some time after. */
  | { kind: 'kill-at'; step: Step; late: boolean }
  /** A call of its is on the way for so long that others take over; then it has its effect. */
  | { kind: 'delay'; step: Step; forMs: number }
  /** SIGSTOP, and SIGCONT when others have taken over. */
  | { kind: 'stall'; forMs: number };

export interface Planned {
  /** From the beginning of the load; what comes before may delay it. */
  atMs: number;
  act: Act;
}

/** What is done to the processes of a role, one after the other. There may be several lanes for one role. */
export interface Lane {
  role: Role;
  planned: Planned[];
}

/** Of the kills, the share of each role; of the acts that do not kill, how many there are in ten minutes. */
const SHARES = {
  worker: { kills: 0.6, stalls: 6, delays: 8 },
  gateway: { kills: 0.2, stalls: 3, delays: 0 },
  scaler: { kills: 0.2, stalls: 5, delays: 5 },
} as const;
/** Restarting it takes time from everything else. */
const CLOUD_KILLS = 8;
const BEYOND_KILLS = 20;
const BEYOND_EVERY_MS = 5000;
/** More is planned than has to be done. */
const SURPLUS = 1.15;

export interface Times {
  /** Longer than a message stays invisible that nobody extends. */
  workerSilentMs: number;
  /** Longer than a lease that nobody renews. */
  scalerSilentMs: number;
}

/** The same plan for the same seed and length. */
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
    { role: 'worker', planned: inTheTimeBeyond(minutes) },
    lane(
      'local-cloud',
      repeat(cloudKills, () => KILL),
    ),
  ];
}

const KILL: Act = { kind: 'kill' };

/** When the load goes on because too little has happened, workers go on dying: launches bring the rest about. */
const inTheTimeBeyond = (minutes: number): Planned[] =>
  repeat(BEYOND_KILLS, (index) => ({
    atMs: minutes * 60_000 + (index + 1) * BEYOND_EVERY_MS,
    act: KILL,
  }));

function killsAt(step: Step, minutes: number): Act[] {
  // A call on its way to EC2 may outlive its sender; what else is sent is lost with the connection.
  const mayBeLate = step.role === 'scaler' && step.when === 'before';
  return repeat(Math.ceil(quotasFor(minutes).killsAtStep * SURPLUS), (index) => ({
    kind: 'kill-at',
    step,
    late: mayBeLate && index % 2 === 1,
  }));
}

/** What makes others take over from one that lives: it, or a call of its, is silent for longer than they wait. */
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

/** Evenly over the time of the load, each somewhere in its share. The end is left free for what was late. */
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
