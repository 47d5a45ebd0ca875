import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Step } from '../plan/steps.ts';
import type { FaultsClient, HeldCall } from '@labelfleet/testkit/faults-client';

const LOOK_EVERY_MS = 20;
/** Nobody is held for longer, whatever becomes of the one who holds it. */
const LONGEST_SECONDS = 45;
/** How long a call is on its way that arrives late. */
const LATE_SECONDS = 5;

/** The calls of a role by the keys they are signed with. */
export const CALLERS = {
  gateway: 'gateway-*',
  scaler: 'scaler-*',
  worker: 'ASIALOCAL*',
} as const satisfies Record<Step['role'], string>;

export interface Caught {
  /** The access key of who made the call. */
  caller: string;
  holding: string[];
  /** Lets the call go on. */
  release: () => Promise<void>;
}

/**
 * Waits until somebody comes to a step, and holds it there.
 * @returns null where nobody came before the signal, or the local cloud ended
 */
export async function catchAtStep(
  faults: FaultsClient,
  step: Step,
  signal: AbortSignal,
): Promise<Caught | null> {
  const id = `step-${randomUUID()}`;
  const { when, action, match } = step;
  const release = async () => {
    await faults.clear(id).catch(() => undefined);
  };
  try {
    await faults.set({
      id,
      kind: 'hold',
      when,
      action,
      match: { ...match, caller: CALLERS[step.role] },
      count: 1,
      seconds: LONGEST_SECONDS,
    });
    while (!signal.aborted) {
      const [held] = await faults.held(id);
      if (held !== undefined) return { ...whoIs(held, step), release };
      await delay(LOOK_EVERY_MS);
    }
  } catch {
    // The local cloud has been killed, and what it held is gone with it.
  }
  await release();
  return null;
}

/**
 * Waits until somebody makes the call of a step, which then is on its way for some seconds, and arrives
 * whether its sender lives or not.
 */
export async function catchOnTheWay(
  faults: FaultsClient,
  step: Step,
  signal: AbortSignal,
): Promise<Caught | null> {
  const id = `late-${randomUUID()}`;
  const { action, match } = step;
  try {
    await faults.set({
      id,
      kind: 'latency',
      action,
      match: { ...match, caller: CALLERS[step.role] },
      count: 1,
      seconds: LATE_SECONDS,
    });
    while (!signal.aborted) {
      const [hit] = await faults.log({ fault: id });
      if (hit !== undefined) return { ...whoIs(hit, step), release: async () => {} };
      await delay(LOOK_EVERY_MS);
    }
    await faults.clear(id);
  } catch {
    // As above.
  }
  return null;
}

function whoIs({ facts }: Pick<HeldCall, 'facts'>, step: Step) {
  return { caller: facts['caller']?.[0] ?? '', holding: step.holding(facts) };
}
