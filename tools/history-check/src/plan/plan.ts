import { seededRandom, type Random } from '@labelfleet/local-cloud/random';
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

/** What is done to the processes of each role, one after the other. */
export type Plan = Record<Role, Planned[]>;

/** Of the kills, the share of each role; of the acts that do not kill, how many there are in ten minutes. */
const SHARES = {
  worker: { kills: 0.6, stalls: 6, delays: 8 },
  gateway: { kills: 0.2, stalls: 3, delays: 0 },
  scaler: { kills: 0.2, stalls: 5, delays: 5 },
} as const;
/** Restarting it takes time from everything else. */
const CLOUD_KILLS = 8;
/** More is planned than has to be done. */
const SURPLUS = 1.15;

export interface Times {
  /** Longer than a message stays invisible that nobody extends. */
  workerSilentMs: number;
  /** Longer than a lease that nobody renews. */
  scalerSilentMs: number;
}

/** The same plan for the same seed and length. */
export function makePlan(seed: number, minutes: number, times: Times): Plan {
  const random = seededRandom(seed);
  const share = minutes / 10;
  const count = (inTenMinutes: number) => Math.round(inTenMinutes * share);
  const lane = (role: Step['role']): Planned[] => {
    const { kills, stalls, delays } = SHARES[role];
    const forMs = role === 'worker' ? times.workerSilentMs : times.scalerSilentMs;
    const quotas = quotasFor(minutes);
    const steps = STEPS.filter((step) => step.role === role);
    const atSteps = steps.flatMap((step) =>
      Array.from({ length: Math.ceil(quotas.killsAtStep * SURPLUS) }, (_, index): Act => ({
        kind: 'kill-at',
        step,
        late: mayBeLate(step) && index % 3 === 1,
      })),
    );
    const others = Math.max(0, Math.ceil(quotas.kills * kills * SURPLUS) - atSteps.length);
    const befores = steps.filter(({ when }) => when === 'before');
    const acts: Act[] = [
      ...atSteps,
      ...Array.from({ length: others }, (): Act => ({ kind: 'kill' })),
      ...Array.from({ length: count(stalls) }, (): Act => ({ kind: 'stall', forMs })),
      ...Array.from({ length: count(delays) }, (_, index): Act[] => {
        const step = befores[index % befores.length];
        return step === undefined ? [] : [{ kind: 'delay', step, forMs }];
      }).flat(),
    ];
    return spread(shuffled(acts, random), minutes, random);
  };
  const cloud = Array.from({ length: Math.max(1, count(CLOUD_KILLS)) }, (): Act => ({
    kind: 'kill',
  }));
  return {
    gateway: lane('gateway'),
    worker: lane('worker'),
    scaler: lane('scaler'),
    'local-cloud': spread(cloud, minutes, random),
  };
}

/** A call on its way to EC2 outlives its sender; what else is sent is lost with the connection. */
const mayBeLate = ({ role, when }: Step) => role === 'scaler' && when === 'before';

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
