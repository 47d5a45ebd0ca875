import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Step } from '../plan/steps.ts';
import type { FaultsClient, HeldCall } from '@labelfleet/testkit/faults-client';

const POLL_MS = 20;
/** The local cloud lets a held call go after this time, even when this program has died. */
const MAX_HOLD_SECONDS = 45;
/** The delay of a call that takes effect after its sender was killed. */
const LATE_SECONDS = 5;

/** The access keys of each role. */
export const CALLERS = {
  gateway: 'gateway-*',
  scaler: 'scaler-*',
  worker: 'ASIALOCAL*',
} as const satisfies Record<Step['role'], string>;

export interface Caught {
  /** The caller's access key. */
  caller: string;
  holding: string[];
  /** Lets the call go on. */
  release: () => Promise<void>;
}

/**
 * Waits until a process reaches a step, and holds it there.
 * @returns null if none reached it before the signal, or the local cloud ended
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
      seconds: MAX_HOLD_SECONDS,
    });
    while (!signal.aborted) {
      const [held] = await faults.held(id);
      if (held !== undefined) return { ...caughtIn(held, step), release };
      await delay(POLL_MS);
    }
  } catch {
    // The local cloud was killed, and its held calls with it.
  }
  await release();
  return null;
}

/**
 * Waits until a process makes the call of a step, and delays the call by seconds; it takes effect even if the
 * sender has died.
 */
export async function catchDelayedCall(
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
      if (hit !== undefined) return { ...caughtIn(hit, step), release: async () => {} };
      await delay(POLL_MS);
    }
    await faults.clear(id);
  } catch {
    // The local cloud was killed, and its held calls with it.
  }
  return null;
}

function caughtIn({ facts }: Pick<HeldCall, 'facts'>, step: Step) {
  return { caller: facts['caller']?.[0] ?? '', holding: step.holding(facts) };
}
