import { sleep } from '@labelfleet/runtime';
import type { FaultsClient } from '@labelfleet/testkit/faults-client';
import { randomUUID } from 'node:crypto';
import { CALLERS, type Step } from '../plan/steps.ts';

const POLL_MS = 20;
/** The local cloud lets a held call go after this time, even when this program has died. */
const MAX_HOLD_SECONDS = 45;
/** The delay of a call that takes effect after its sender was killed. */
const LATE_SECONDS = 5;

export interface Caught {
  /** The caller's access key. */
  caller: string;
  holding: string[];
  /** Lets a held call go on. */
  release: () => Promise<void>;
}

/**
 * Waits until a process reaches a step, and holds it there.
 * @param late the call is delayed by seconds instead, and takes effect even if its sender has died
 * @returns null if none reached it before the signal, or the local cloud ended
 */
export async function catchAtStep(
  faults: FaultsClient,
  step: Step,
  late: boolean,
  signal: AbortSignal,
): Promise<Caught | null> {
  const id = `step-${randomUUID()}`;
  const { when, action, role } = step;
  const match = { ...step.match, caller: CALLERS[role] };
  const effect = late
    ? { kind: 'latency', seconds: LATE_SECONDS }
    : { kind: 'hold', when, seconds: MAX_HOLD_SECONDS };
  const clear = async () => {
    await faults.clear(id).catch(() => undefined);
  };
  try {
    await faults.set({ id, action, match, count: 1, ...effect });
    while (!signal.aborted) {
      const [call] = await (late ? faults.log({ fault: id }) : faults.held(id));
      if (call !== undefined) {
        const caller = call.facts['caller']?.[0] ?? '';
        return {
          caller,
          holding: step.holding(call.facts),
          release: late ? async () => {} : clear,
        };
      }
      await sleep(POLL_MS);
    }
  } catch {
    // The local cloud was killed, and its held calls with it.
  }
  await clear();
  return null;
}
