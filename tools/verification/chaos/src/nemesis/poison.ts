import { sleep } from '@labelfleet/runtime';
import { POISON_KILLS, POISON_NAME, POISON_STEP } from '../plan/poison.ts';
import { CALLERS, requestsIn } from '../plan/steps.ts';
import type { FaultsClient, HeldCall } from '@labelfleet/testkit/faults-client';
import type { Victims } from './victims.ts';

const POLL_MS = 20;
const IMAGE = 'poison-image';
const RESULT = 'poison-result-';

interface PoisonDeps {
  faults: Pick<FaultsClient, 'ensure' | 'clear' | 'held' | 'release'>;
  victims: Pick<Victims, 'byCaller'>;
}

/**
 * Kills every worker that has classified a poison image right before it stores the result, until the request has
 * no attempts left. The gateway's put of an image shows which request carries it; a worker may not fetch it. Resolves when
 * aborted; poison images that still have attempts are harmless after that.
 */
export async function poisonImages(
  { faults, victims }: PoisonDeps,
  signal: AbortSignal,
): Promise<void> {
  /** By the ids of all requests with a poison image. */
  const kills = new Map<string, number>();
  let armed = false;
  while (!signal.aborted) {
    try {
      if (!armed) await arm();
      armed = true;
      for (const call of await faults.held()) await take(call);
    } catch {
      // The local cloud was killed, and its faults with it.
      armed = false;
    }
    await sleep(POLL_MS);
  }

  async function arm(): Promise<void> {
    await faults.ensure(hold(IMAGE, CALLERS.gateway, `*/${POISON_NAME}*`));
    for (const [requestId, done] of kills) if (done < POISON_KILLS) await armResult(requestId);
  }

  async function armResult(requestId: string): Promise<void> {
    await faults.ensure(hold(RESULT + requestId, CALLERS.worker, `${requestId}.json`));
  }

  async function take({ id, fault, facts }: HeldCall): Promise<void> {
    const [requestId] = requestsIn(facts['key']);
    if (requestId === undefined) return;
    const done = kills.get(requestId) ?? 0;
    if (fault === IMAGE) {
      kills.set(requestId, done);
      if (done < POISON_KILLS) await armResult(requestId);
      await faults.release(id);
    } else if (fault === RESULT + requestId) {
      const victim = await victims.byCaller('worker', facts['caller']?.[0] ?? '');
      const how = { step: POISON_STEP, holding: [requestId], late: false };
      if ((await victim?.kill(how)) !== true) return;
      kills.set(requestId, done + 1);
      if (done + 1 === POISON_KILLS) await faults.clear(fault);
    }
  }
}

const hold = (id: string, caller: string, key: string) => ({
  id,
  kind: 'hold',
  when: 'before',
  action: ['PutObject'],
  match: { key, caller },
});
