import { sleep } from '@labelfleet/runtime';
import { POISON_KILLS, POISON_NAME, POISON_STEP } from '../plan/poison.ts';
import { CALLERS, requestsIn } from '../plan/steps.ts';
import type { FaultsClient, HeldCall } from '@labelfleet/testkit/faults-client';
import type { Victims } from './victims.ts';

const POLL_MS = 20;
const FETCH = 'poison-fetch';
const RESULT = 'poison-result-';

interface PoisonDeps {
  faults: Pick<FaultsClient, 'set' | 'ensure' | 'clear' | 'held' | 'release'>;
  victims: Pick<Victims, 'byCaller'>;
}

/**
 * Kills every worker that has classified a poison image right before it stores the result, until the request has
 * no attempts left. The fetch of an image shows which request carries it. Resolves when aborted; poison images
 * that still have attempts are harmless after that.
 */
export async function poisonImages(
  { faults, victims }: PoisonDeps,
  signal: AbortSignal,
): Promise<void> {
  const kills = new Map<string, number>();
  let armed = false;
  while (!signal.aborted) {
    try {
      if (!armed) await faults.set(hold(FETCH, ['GetObject'], { key: `*/${POISON_NAME}*` }));
      armed = true;
      for (const call of await faults.held()) await take(call);
    } catch {
      // The local cloud was killed, and its faults with it.
      armed = false;
    }
    await sleep(POLL_MS);
  }

  async function take({ id, fault, facts }: HeldCall): Promise<void> {
    const [requestId] = requestsIn(facts['key']);
    if (requestId === undefined) return;
    const done = kills.get(requestId) ?? 0;
    if (fault === FETCH) {
      const result = hold(RESULT + requestId, ['PutObject'], { key: `${requestId}.json` });
      if (done < POISON_KILLS) await faults.ensure(result);
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

const hold = (id: string, action: string[], match: Readonly<Record<string, string>>) => ({
  id,
  kind: 'hold',
  when: 'before',
  action,
  match: { ...match, caller: CALLERS.worker },
});
